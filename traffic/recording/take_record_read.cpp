// The reading half of take_record.hpp.
#include <limits>
#include <map>

#include "traffic/recording/take_exchange_flags.hpp"
#include "traffic/recording/take_ledger_names.hpp"
#include "traffic/recording/take_record.hpp"

namespace understudy {
namespace {

constexpr std::uint64_t names_max = 1024;  // of an origin or a ledger

Endpoint read_endpoint(TakeCursor& cursor, bool is_v6) {
  Endpoint endpoint;
  const std::string_view address = cursor.bytes(is_v6 ? 16 : 4);
  if (!cursor.ok()) return endpoint;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(address.data());
  endpoint.address = is_v6 ? IpAddress::v6(bytes) : IpAddress::v4(bytes);
  endpoint.port = cursor.fixed<std::uint16_t>();
  return endpoint;
}

WallTime time_of(std::uint64_t nanoseconds) { return WallTime(Nanoseconds(static_cast<std::int64_t>(nanoseconds))); }

// `time` and a difference, which wraps as the writer's does.
WallTime later(WallTime time, std::uint64_t difference) {
  return time_of(static_cast<std::uint64_t>(time.time_since_epoch().count()) +
                 static_cast<std::uint64_t>(from_zigzag(difference)));
}

}  // namespace

TakeLedger TakeLedger::since(const TakeLedger& earlier) const {
  TakeLedger result = *this;
  const auto subtract = [](LedgerTotals& from, const LedgerTotals& what) {
    from.seen -= what.seen;
    from.delivered -= what.delivered;
    for (std::size_t i = 0; i < from.filtered.size(); ++i) from.filtered[i] -= what.filtered[i];
    for (std::size_t i = 0; i < from.lost.size(); ++i) from.lost[i] -= what.lost[i];
  };
  subtract(result.capture, earlier.capture);
  subtract(result.recording, earlier.recording);
  result.packets_dropped -= earlier.packets_dropped;
  result.stream_gaps -= earlier.stream_gaps;
  return result;
}

LedgerTotals TakeLedger::combined() const {
  LedgerTotals totals = capture;
  totals += recording;
  totals.seen = capture.seen;
  totals.delivered = recording.delivered;
  return totals;
}

std::optional<TakeRecord> next_take_record(TakeCursor& payload) {
  if (!payload.ok() || payload.at_end()) return std::nullopt;
  const auto length = payload.fixed<std::uint32_t>();
  const std::string_view bytes = payload.bytes(length);
  if (!payload.ok()) return std::nullopt;
  if (bytes.empty()) {
    static_cast<void>(payload.bytes(std::numeric_limits<std::uint64_t>::max()));  // a record has a kind at least
    return std::nullopt;
  }
  return TakeRecord{static_cast<TakeRecordKind>(bytes[0]), bytes.substr(1)};
}

bool TakeExchangeView::read(std::string_view content) {
  namespace flag = take_exchange_flag;
  TakeCursor cursor(content);
  const unsigned flags = cursor.fixed<std::uint8_t>();
  exchange_.session = cursor.varint();
  const std::uint64_t index = cursor.varint();
  exchange_.index_in_session = static_cast<std::uint32_t>(index);
  exchange_.client = read_endpoint(cursor, (flags & flag::client_v6) != 0);
  exchange_.server = read_endpoint(cursor, (flags & flag::server_v6) != 0);
  TakeMessage& request = exchange_.request;
  request.first_byte = time_of(cursor.fixed<std::uint64_t>());
  request.last_byte = later(request.first_byte, cursor.varint());
  exchange_.response.reset();
  exchange_.response_complete = (flags & flag::response_complete) != 0;
  if ((flags & flag::response) != 0) {
    TakeMessage& response = exchange_.response.emplace();
    response.first_byte = later(request.first_byte, cursor.varint());
    response.last_byte = later(response.first_byte, cursor.varint());
  }
  read_message(cursor, (flags & flag::request_body_kept) != 0, request_body_, request);
  if (exchange_.response) {
    read_message(cursor, (flags & flag::response_body_kept) != 0, response_body_, *exchange_.response);
  }
  return cursor.ok() && index <= std::numeric_limits<std::uint32_t>::max();
}

void TakeExchangeView::read_message(TakeCursor& cursor, bool kept, std::string_view& body, TakeMessage& message) {
  message.head = cursor.text();
  message.wire_size = cursor.varint();
  message.body_kept = kept;
  body = kept ? cursor.bytes(message.wire_size) : std::string_view();
  message.content_size = kept ? message.wire_size : cursor.varint();
  message.body = body.empty() ? std::span<const std::string_view>() : std::span<const std::string_view>(&body, 1);
}

std::optional<TakeOrigin> read_take_origin(std::string_view content) {
  TakeCursor cursor(content);
  const std::uint64_t count = cursor.varint();
  if (count > names_max) return std::nullopt;
  TakeOrigin origin;
  for (std::uint64_t i = 0; i < count && cursor.ok(); ++i) {
    const std::string_view name = cursor.text();
    origin.emplace_back(std::string(name), std::string(cursor.text()));
  }
  if (!cursor.ok()) return std::nullopt;
  return origin;
}

std::optional<TakeLedger> read_take_ledger(std::string_view content) {
  TakeCursor cursor(content);
  const std::uint64_t count = cursor.varint();
  if (count > names_max) return std::nullopt;
  std::map<std::string_view, std::uint64_t> numbers;
  for (std::uint64_t i = 0; i < count && cursor.ok(); ++i) {
    const std::string_view name = cursor.text();
    numbers[name] = cursor.varint();
  }
  if (!cursor.ok()) return std::nullopt;
  TakeLedger ledger;
  for_each_take_number(ledger, [&](const std::string& name, std::uint64_t& value) {
    if (const auto found = numbers.find(name); found != numbers.end()) value = found->second;
  });
  return ledger;
}

std::optional<TakeStatement> read_take_statement(std::string_view content) {
  TakeCursor cursor(content);
  const auto completeness = cursor.fixed<std::uint8_t>();
  TakeStatement statement;
  statement.text = cursor.text();
  if (!cursor.ok()) return std::nullopt;
  statement.completeness = completeness <= static_cast<std::uint8_t>(Completeness::unknown)
                               ? static_cast<Completeness>(completeness)
                               : Completeness::unknown;
  return statement;
}

std::string_view text_of(const TakeOrigin& origin, std::string_view name) {
  for (const auto& [known, text] : origin) {
    if (known == name) return text;
  }
  return {};
}

}  // namespace understudy
