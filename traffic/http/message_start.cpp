// The part of MessageReader that works at message starts: heads that come in pieces, what is no head, and the search
// for a start after framing was lost.
#include <algorithm>
#include <cstring>
#include <utility>

#include "traffic/http/message_reader.hpp"

namespace understudy {
namespace {

constexpr std::size_t first_check = 16;    // bytes of a partial head before it is looked at
constexpr std::size_t tentative_min = 16;  // bytes that must agree with a start line to be taken for one on trial
constexpr std::string_view http2_start = "PRI * HTTP/2.0\r\n";  // the preface's first line, RFC 9113 section 3.4

constexpr bool is_line_end_byte(char byte) { return byte == '\r' || byte == '\n'; }

std::size_t empty_lines(std::string_view bytes) {
  std::size_t length = 0;
  while (length < bytes.size() && is_line_end_byte(bytes[length])) ++length;
  return length;
}

}  // namespace

// A message boundary, with nothing kept. A head that lies in `bytes` whole is parsed where it lies.
std::size_t MessageReader::feed_start(std::string_view bytes, WallTime time) {
  if (is_line_end_byte(bytes[0])) [[unlikely]] {
    const std::size_t length = empty_lines(bytes);
    empty_bytes_ = static_cast<std::uint32_t>(std::min<std::size_t>(empty_bytes_ + length, 0x7fffffff));
    const bool allowed =
        parser_.policy().accept_leading_empty_lines && empty_bytes_ <= parser_.limits().leading_empty_bytes_max;
    if (!allowed) {
      first_byte_ = time;
      lose_framing(MessageLoss::malformed, Malformation::leading_empty_lines, time);
      return bytes.size();
    }
    return length;
  }
  first_byte_ = time;
  const HeadParser::Outcome outcome = parser_.parse(kind_, bytes);
  if (outcome.status == HeadParser::Status::complete) [[likely]] {
    const std::size_t length = parser_.head().bytes.size();
    return length + take_head(bytes.substr(length), time);
  }
  if (outcome.status == HeadParser::Status::malformed) {
    refuse_start(bytes, outcome.malformation, time);
    return bytes.size();
  }
  if (bytes.size() >= parser_.limits().head_max) {
    lose_framing(MessageLoss::head_too_large, Malformation::start_line, time);
    return bytes.size();
  }
  check_at_ = std::max(first_check, bytes.size() * 2);
  first_line_checked_ = std::memchr(bytes.data(), '\n', bytes.size()) != nullptr;
  (void)keep_partial(bytes, time);
  return bytes.size();
}

// How many of `bytes` belong to the head in partial_: through the empty line, or 0 when it is not there yet. The empty
// line may have begun in partial_.
std::size_t MessageReader::find_head_end(std::string_view bytes) const {
  if (partial_.back() == '\n') {
    if (bytes[0] == '\n') return 1;
    if (bytes.size() > 1 && bytes[0] == '\r' && bytes[1] == '\n') return 2;
  } else if (partial_.back() == '\r' && partial_.size() > 1 && partial_[partial_.size() - 2] == '\n') {
    if (bytes[0] == '\n') return 1;
  }
  std::size_t at = 0;
  for (;;) {
    const void* found = std::memchr(bytes.data() + at, '\n', bytes.size() - at);
    if (found == nullptr) return 0;
    at = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data()) + 1;
    if (at < bytes.size() && bytes[at] == '\n') return at + 1;
    if (at + 1 < bytes.size() && bytes[at] == '\r' && bytes[at + 1] == '\n') return at + 2;
    if (at == bytes.size()) return 0;
  }
}

std::size_t MessageReader::feed_partial_head(std::string_view bytes, WallTime time) {
  const std::size_t end = find_head_end(bytes);
  const std::size_t length = end == 0 ? bytes.size() : end;
  if (partial_.size() + length > parser_.limits().head_max) {
    lose_framing(MessageLoss::head_too_large, Malformation::start_line, time);
    return bytes.size();
  }
  if (!keep_partial(bytes.substr(0, length), time)) return bytes.size();
  if (end == 0) {
    const bool first_line_came = !first_line_checked_ && std::memchr(bytes.data(), '\n', length) != nullptr;
    if (!first_line_came && partial_.size() < check_at_) return length;
    first_line_checked_ = first_line_checked_ || first_line_came;
    check_at_ = partial_.size() * 2;
    // A piece that spoils what was kept may itself begin a message: it is looked at again.
    return check_partial(time) || !at_piece_start_ ? length : 0;
  }
  const HeadParser::Outcome outcome = parser_.parse(kind_, partial_);
  if (outcome.status == HeadParser::Status::complete) {
    return length + take_head(bytes.substr(length), time);
  }
  const std::string refused = std::exchange(partial_, {});
  refuse_start(refused, outcome.malformation, time);
  return state_ == State::resync && at_piece_start_ ? 0 : bytes.size();
}

bool MessageReader::keep_partial(std::string_view bytes, WallTime time) {
  if (!budget_.try_take(bytes.size())) {
    lose_framing(MessageLoss::memory, Malformation::start_line, time);
    return false;
  }
  charged_ += bytes.size();
  partial_.append(bytes);
  return true;
}

// Whether what is in partial_ can still become a head; if not, it is refused.
bool MessageReader::check_partial(WallTime time) {
  const HeadParser::Outcome outcome = parser_.parse(kind_, partial_);
  if (outcome.status != HeadParser::Status::malformed) return true;
  const std::string refused = std::exchange(partial_, {});
  refuse_start(refused, outcome.malformation, time);
  return false;
}

// The bytes at a message boundary are no head.
void MessageReader::refuse_start(std::string_view bytes, Malformation malformation, WallTime time) {
  if (is_other_protocol(bytes)) return;
  const bool is_no_start_line = malformation == Malformation::start_line;
  if (tentative_ && match_start(kind_, bytes) == StartMatch::no) {
    bytes_skipped_ += bytes.size();
    drop_partial();
    state_ = State::resync;
    any_piece_ = true;
    return;
  }
  if (!any_message_ && is_no_start_line) {
    drop_partial();
    state_ = State::resync;
    any_piece_ = true;
    bytes_skipped_ += bytes.size();
    tell_other(OtherProtocol::unknown);
    return;
  }
  lose_framing(MessageLoss::malformed, malformation, time);
}

bool MessageReader::is_other_protocol(std::string_view bytes) {
  if (kind_ == MessageKind::request && bytes.starts_with(http2_start)) {
    stop();
    tell_other(OtherProtocol::http2);
    return true;
  }
  // A TLS record: type handshake, version 3.x (RFC 8446 section 5.1). The version may be in the next piece.
  if (any_message_ || bytes[0] != 0x16 || (bytes.size() > 1 && bytes[1] != 0x03)) return false;
  stop();
  tell_other(OtherProtocol::tls);
  return true;
}

void MessageReader::tell_other(OtherProtocol protocol) {
  if (std::exchange(told_other_, true)) return;
  handler_.on_other_protocol(*this, protocol);
}

// Looks for a message start at the beginning of a piece, for that is where a sender began to write.
std::size_t MessageReader::feed_resync(std::string_view bytes) {
  std::size_t skipped = bytes.size();
  if (at_piece_start_) {
    // The first bytes of a stream that was joined in the middle are not the rest of anything that was cut off: segments
    // begin where a client wrote. So any method is believed there.
    const bool is_first_piece = kind_ == MessageKind::request && !any_message_ && !any_piece_;
    StartMatch match = match_start(kind_, bytes);
    if (is_first_piece && match_start_of_any_method(bytes) == StartMatch::yes) match = StartMatch::yes;
    tentative_ = match == StartMatch::partial && bytes.size() >= tentative_min;
    if (match == StartMatch::yes || tentative_) {
      state_ = State::start;
      return 0;
    }
  }
  if (parser_.policy().resync_inside_segment) {
    constexpr std::string_view empty_line = "\r\n\r\n";
    for (std::size_t at = bytes.find(empty_line); at != std::string_view::npos; at = bytes.find(empty_line, at + 1)) {
      if (match_start(kind_, bytes.substr(at + empty_line.size())) != StartMatch::yes) continue;
      skipped = at + empty_line.size();
      state_ = State::start;
      break;
    }
  }
  any_piece_ = true;
  bytes_skipped_ += skipped;
  return skipped;
}

}  // namespace understudy
