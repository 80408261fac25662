// The writing half of take_record.hpp.
#include <array>
#include <cstddef>
#include <cstring>

#include "traffic/recording/take_exchange_flags.hpp"
#include "traffic/recording/take_ledger_names.hpp"
#include "traffic/recording/take_record.hpp"

namespace understudy {
namespace {

constexpr std::size_t length_size = sizeof(std::uint32_t);

// Puts a record's length in front of it when it is complete.
class RecordFrame {
 public:
  RecordFrame(std::string& payload, TakeRecordKind kind) : payload_(payload), begin_(payload.size()) {
    payload_.append(length_size, '\0');
    payload_.push_back(static_cast<char>(kind));
  }
  ~RecordFrame() {
    const std::size_t length = payload_.size() - begin_ - length_size;
    store_le(payload_.data() + begin_, static_cast<std::uint32_t>(length));
  }
  RecordFrame(const RecordFrame&) = delete;
  RecordFrame& operator=(const RecordFrame&) = delete;

 private:
  std::string& payload_;
  const std::size_t begin_;
};

char* store_endpoint(char* to, const Endpoint& endpoint) {
  const std::size_t size = endpoint.address.is_v6 ? 16 : 4;
  std::memcpy(to, endpoint.address.bytes.data(), size);
  return store_le(to + size, endpoint.port);
}

// Differences of hostile clocks may overflow; unsigned arithmetic wraps, and the reader's wraps back.
std::uint64_t difference(WallTime later, WallTime earlier) {
  return to_zigzag(static_cast<std::int64_t>(static_cast<std::uint64_t>(nanoseconds_of(later)) -
                                             static_cast<std::uint64_t>(nanoseconds_of(earlier))));
}

// Flags, ids, endpoints and times. Returns the place behind.
char* store_fixed(char* to, const TakeExchange& exchange) {
  namespace flag = take_exchange_flag;
  const TakeMessage& request = exchange.request;
  unsigned flags = 0;
  if (request.body_kept) flags |= flag::request_body_kept;
  if (exchange.client.address.is_v6) flags |= flag::client_v6;
  if (exchange.server.address.is_v6) flags |= flag::server_v6;
  if (exchange.response) {
    flags |= flag::response;
    if (exchange.response->body_kept) flags |= flag::response_body_kept;
    if (exchange.response_complete) flags |= flag::response_complete;
  }
  to = store_le(to, static_cast<std::uint8_t>(flags));
  to = store_varint(to, exchange.session);
  to = store_varint(to, exchange.index_in_session);
  to = store_endpoint(to, exchange.client);
  to = store_endpoint(to, exchange.server);
  to = store_le(to, static_cast<std::uint64_t>(nanoseconds_of(request.first_byte)));
  to = store_varint(to, difference(request.last_byte, request.first_byte));
  if (exchange.response) {
    to = store_varint(to, difference(exchange.response->first_byte, request.first_byte));
    to = store_varint(to, difference(exchange.response->last_byte, exchange.response->first_byte));
  }
  return to;
}

// Where lay_out() puts a record: numbers at `to`, texts by text().
struct FlatRecord {
  char* to;

  void text(std::string_view piece) {
    if (!piece.empty()) std::memcpy(to, piece.data(), piece.size());
    to += piece.size();
  }
};
struct RecordInPieces {
  char* to;
  char* numbers;  // those from here on are in no piece yet
  std::vector<std::string_view>& pieces;

  void text(std::string_view piece) {
    end_numbers();
    pieces.push_back(piece);
  }
  void end_numbers() {
    if (to != numbers) pieces.emplace_back(numbers, static_cast<std::size_t>(to - numbers));
    numbers = to;
  }
};

template <typename Out>
void lay_out(const TakeMessage& message, Out& out) {
  out.to = store_varint(out.to, message.head.size());
  out.text(message.head);
  out.to = store_varint(out.to, message.wire_size);
  if (!message.body_kept) out.to = store_varint(out.to, message.content_size);
  for (const std::string_view piece : message.body) out.text(piece);
}

// The whole record, with room for its length in front.
template <typename Out>
void lay_out(const TakeExchange& exchange, Out& out) {
  out.to += length_size;
  *out.to++ = static_cast<char>(TakeRecordKind::exchange);
  out.to = store_fixed(out.to, exchange);
  lay_out(exchange.request, out);
  if (exchange.response) lay_out(*exchange.response, out);
}

void append_varint(std::string& out, std::uint64_t value) {
  std::array<char, varint_max> bytes;
  out.append(bytes.data(), static_cast<std::size_t>(store_varint(bytes.data(), value) - bytes.data()));
}

void append_text(std::string& out, std::string_view text) {
  append_varint(out, text.size());
  out.append(text);
}

}  // namespace

std::uint64_t take_record_bound(const TakeExchange& exchange) {
  const auto bound = [](const TakeMessage& message) {
    return message.head.size() + (message.body_kept ? message.wire_size : 0);
  };
  return take_numbers_max + bound(exchange.request) + (exchange.response ? bound(*exchange.response) : 0);
}

char* store_take_exchange(char* to, const TakeExchange& exchange) {
  char* const begin = to;
  FlatRecord flat{to};
  lay_out(exchange, flat);
  store_le(begin, static_cast<std::uint32_t>(flat.to - begin - static_cast<std::ptrdiff_t>(length_size)));
  return flat.to;
}

void TakeExchangePieces::cut(const TakeExchange& exchange) {
  pieces_.clear();
  char* const begin = numbers_.data();
  RecordInPieces cut{begin, begin, pieces_};
  lay_out(exchange, cut);
  cut.end_numbers();
  size_ = 0;
  for (const std::string_view piece : pieces_) size_ += piece.size();
  store_le(begin, static_cast<std::uint32_t>(size_ - length_size));
}

void append_take_origin(std::string& payload, const TakeOrigin& origin) {
  const RecordFrame frame(payload, TakeRecordKind::origin);
  append_varint(payload, origin.size());
  for (const auto& [name, text] : origin) {
    append_text(payload, name);
    append_text(payload, text);
  }
}

void append_take_ledger(std::string& payload, const TakeLedger& ledger) {
  const RecordFrame frame(payload, TakeRecordKind::ledger);
  std::uint64_t count = 0;
  std::string numbers;
  for_each_take_number(ledger, [&](std::string_view name, std::uint64_t value) {
    if (value == 0) return;
    ++count;
    append_text(numbers, name);
    append_varint(numbers, value);
  });
  append_varint(payload, count);
  payload.append(numbers);
}

void append_take_statement(std::string& payload, const TakeStatement& statement) {
  const RecordFrame frame(payload, TakeRecordKind::statement);
  payload.push_back(static_cast<char>(statement.completeness));
  append_text(payload, statement.text);
}

}  // namespace understudy
