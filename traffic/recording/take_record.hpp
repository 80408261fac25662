// The records inside a `.take` block's payload, to and from bytes.
//
// A payload is records one after another, each with its length in front, so that a reader passes over kinds that it
// does not know. Everything that is read comes from a file that nobody vouches for: lengths are checked, and what does
// not fit is refused.
//
// Thread safety: pure functions over what they are given.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/endpoint.hpp"
#include "traffic/observe/ledger.hpp"
#include "traffic/recording/exchange_source.hpp"
#include "traffic/recording/take_bytes.hpp"
#include "traffic/recording/take_format.hpp"

namespace understudy {

// A time as records and headers have it: nanoseconds since 1970.
[[nodiscard]] inline std::int64_t nanoseconds_of(WallTime time) { return time.time_since_epoch().count(); }

// One message as it is recorded, borrowed.
struct TakeMessage {
  WallTime first_byte;
  WallTime last_byte;
  std::string_view head;                   // raw, through the empty line
  std::span<const std::string_view> body;  // wire bytes, chunk framing included, in pieces; when kept
  std::uint64_t wire_size = 0;
  std::uint64_t content_size = 0;
  bool body_kept = true;
};

struct TakeExchange {
  std::uint64_t session = 0;
  std::uint32_t index_in_session = 0;
  Endpoint client;
  Endpoint server;
  TakeMessage request;
  std::optional<TakeMessage> response;
  bool response_complete = true;
};

// What a recording says of its losses; numbers since the segment began.
struct TakeLedger {
  LedgerTotals capture;
  LedgerTotals recording;
  std::uint64_t packets_dropped = 0;  // by kernel and interface, in front of the capture
  std::uint64_t stream_gaps = 0;      // holes in TCP streams

  // What happened between two moments. REQUIRES: `earlier` was taken before this one.
  [[nodiscard]] TakeLedger since(const TakeLedger& earlier) const;
  // Both sides as one: seen by the capture, delivered into the recording, with the reasons of both.
  [[nodiscard]] LedgerTotals combined() const;
};

using TakeOrigin = std::vector<std::pair<std::string, std::string>>;  // name, text

struct TakeStatement {
  Completeness completeness = Completeness::unknown;
  std::string text;
};

// --- writing: one record each, with its length ---

// Room that suffices for what of an exchange's record is no head and no body: flags, session, index, two endpoints,
// four times, two heads' and two bodies' lengths.
inline constexpr std::size_t take_numbers_max = 256;

// Bytes that the record takes at most; the bodies count when they are kept.
[[nodiscard]] std::uint64_t take_record_bound(const TakeExchange& exchange);
void append_take_origin(std::string& payload, const TakeOrigin& origin);
void append_take_ledger(std::string& payload, const TakeLedger& ledger);
void append_take_statement(std::string& payload, const TakeStatement& statement);

// Writes an exchange's record to memory; returns the place behind it. REQUIRES: take_record_bound(exchange) bytes of
// room, at most take_exchange_max; the pieces of a kept body add up to its wire_size, a body that is not kept has none.
[[nodiscard]] char* store_take_exchange(char* to, const TakeExchange& exchange);

// Records of exchanges one after another, borrowed.
struct TakeRecordRun {
  std::string_view bytes;
  std::uint32_t count = 0;
  WallTime earliest;  // of their requests' first bytes
  WallTime latest;
};

// An exchange's record as a list of pieces, so that a large body is not copied.
class TakeExchangePieces {
 public:
  TakeExchangePieces() = default;
  TakeExchangePieces(const TakeExchangePieces&) = delete;  // pieces lie in the object
  TakeExchangePieces& operator=(const TakeExchangePieces&) = delete;

  // REQUIRES: what store_take_exchange() does of the exchange.
  void cut(const TakeExchange& exchange);
  // Valid until the next cut(), and as long as the exchange's bytes are.
  [[nodiscard]] std::span<const std::string_view> pieces() const { return pieces_; }
  // Bytes of all pieces.
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  std::array<char, take_numbers_max> numbers_{};  // everything that is no head and no body
  std::uint64_t size_ = 0;
  std::vector<std::string_view> pieces_;
};

// --- reading ---

// One record of a payload.
struct TakeRecord {
  TakeRecordKind kind = TakeRecordKind::exchange;  // may be none of the enumerators
  std::string_view content;
};

// Takes the next record. Nothing at the end, and when the rest is no record: ok() of the cursor tells them apart.
[[nodiscard]] std::optional<TakeRecord> next_take_record(TakeCursor& payload);

// An exchange's views into the payload. `body` pieces lie in the object, which must stay where it is meanwhile.
class TakeExchangeView {
 public:
  // False when the content is no exchange.
  [[nodiscard]] bool read(std::string_view content);
  [[nodiscard]] const TakeExchange& exchange() const { return exchange_; }

 private:
  void read_message(TakeCursor& cursor, bool kept, std::string_view& body, TakeMessage& message);

  TakeExchange exchange_;
  std::string_view request_body_;
  std::string_view response_body_;
};

[[nodiscard]] std::optional<TakeOrigin> read_take_origin(std::string_view content);
// Names that this version does not know are passed over.
[[nodiscard]] std::optional<TakeLedger> read_take_ledger(std::string_view content);
[[nodiscard]] std::optional<TakeStatement> read_take_statement(std::string_view content);

// The first text of that name, or empty.
[[nodiscard]] std::string_view text_of(const TakeOrigin& origin, std::string_view name);

}  // namespace understudy
