#include "traffic/http/chunk_reader.hpp"

#include <algorithm>
#include <cstring>

namespace understudy {
namespace {

[[nodiscard]] int hex_value(char byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
  return -1;
}

}  // namespace

ChunkReader::Step ChunkReader::next(std::string_view bytes, const FramingPolicy& policy, const FramingLimits& limits) {
  if (state_ == State::data) {
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
    remaining_ -= length;
    if (remaining_ == 0) state_ = State::data_end;
    return {length, Part::content};
  }
  return next_framing(bytes, policy, limits);
}

ChunkReader::Step ChunkReader::next_framing(std::string_view bytes, const FramingPolicy& policy,
                                            const FramingLimits& limits) {
  std::size_t at = 0;
  while (at < bytes.size() && state_ != State::data) {
    if (state_ == State::extension || state_ == State::trailer_line) {
      // These may be long: to the line's end at once.
      const void* found = std::memchr(bytes.data() + at, '\n', bytes.size() - at);
      const std::size_t end = found == nullptr
                                  ? bytes.size()
                                  : static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data()) + 1;
      if (!take_line_rest(bytes.substr(at, end - at), found != nullptr, policy, limits)) return {at, Part::malformed};
      at = end;
      continue;
    }
    bool is_end = false;
    if (!step_framing(bytes[at], policy, limits, is_end)) return {at, Part::malformed};
    ++at;
    if (is_end) return {at, Part::end};
  }
  return {at, Part::framing};
}

// Bytes of an extension or a trailer line; `has_end`: the last of them is its LF.
bool ChunkReader::take_line_rest(std::string_view bytes, bool has_end, const FramingPolicy& policy,
                                 const FramingLimits& limits) {
  const bool is_trailer = state_ == State::trailer_line;
  std::uint32_t& length = is_trailer ? trailer_length_ : line_length_;
  const std::size_t limit = is_trailer ? limits.trailer_max : limits.chunk_line_max;
  const Malformation malformation = is_trailer ? Malformation::trailer : Malformation::chunk_size;
  if (bytes.size() > limit - std::min<std::size_t>(limit, length)) return refuse(malformation);
  length += static_cast<std::uint32_t>(bytes.size());
  if (has_end) {
    const bool after_cr = bytes.size() > 1 ? bytes[bytes.size() - 2] == '\r' : last_was_cr_;
    if (!after_cr && !policy.accept_bare_lf_in_chunks) return refuse(malformation);
    last_was_cr_ = false;
    if (!is_trailer) return end_size_line();
    state_ = State::trailer_start;
    return true;
  }
  last_was_cr_ = bytes.back() == '\r';
  return true;
}

bool ChunkReader::refuse(Malformation malformation) {
  malformation_ = malformation;
  return false;
}

bool ChunkReader::end_size_line() {
  state_ = remaining_ == 0 ? State::trailer_start : State::data;
  line_length_ = 0;
  return true;
}

// One byte of a size line before any extension.
bool ChunkReader::step_size(char byte, const FramingPolicy& policy, const FramingLimits& limits) {
  if (++line_length_ > limits.chunk_line_max) return refuse(Malformation::chunk_size);
  const int digit = hex_value(byte);
  if (digit >= 0 && state_ != State::size_space) {
    // A second digit behind a leading zero.
    if (state_ == State::size && line_length_ == 2 && remaining_ == 0 && !policy.accept_chunk_size_leading_zeros)
      return refuse(Malformation::chunk_size);
    if (remaining_ >> 60 != 0) return refuse(Malformation::chunk_size);
    remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(digit);
    state_ = State::size;
    return true;
  }
  if (state_ == State::size_first) return refuse(Malformation::chunk_size);
  switch (byte) {
    case ' ':
    case '\t':
      if (!policy.accept_space_after_chunk_size) return refuse(Malformation::chunk_size);
      state_ = State::size_space;
      return true;
    case ';': state_ = State::extension; return true;
    case '\r': state_ = State::size_lf; return true;
    case '\n': return policy.accept_bare_lf_in_chunks ? end_size_line() : refuse(Malformation::chunk_size);
    default: return refuse(Malformation::chunk_size);
  }
}

bool ChunkReader::step_framing(char byte, const FramingPolicy& policy, const FramingLimits& limits, bool& is_end) {
  switch (state_) {
    case State::size_first:
    case State::size:
    case State::size_space: return step_size(byte, policy, limits);
    case State::size_lf: return byte == '\n' ? end_size_line() : refuse(Malformation::chunk_size);
    case State::data_end:
      if (byte == '\r') {
        state_ = State::data_lf;
        return true;
      }
      if (byte != '\n' || !policy.accept_bare_lf_in_chunks) return refuse(Malformation::chunk_end);
      state_ = State::size_first;
      return true;
    case State::data_lf:
      if (byte != '\n') return refuse(Malformation::chunk_end);
      state_ = State::size_first;
      return true;
    case State::trailer_start:
      if (byte == '\r') {
        state_ = State::end_lf;
        return true;
      }
      if (byte == '\n') {
        is_end = policy.accept_bare_lf_in_chunks;
        return is_end || refuse(Malformation::trailer);
      }
      state_ = State::trailer_line;
      if (++trailer_length_ > limits.trailer_max) return refuse(Malformation::trailer);
      return true;
    case State::end_lf: is_end = byte == '\n'; return is_end || refuse(Malformation::trailer);
    case State::data:
    case State::extension:
    case State::trailer_line: break;  // taken in runs by the caller
  }
  return refuse(Malformation::chunk_size);
}

bool ChunkReader::skip(std::uint64_t length) {
  if (state_ != State::data || length > remaining_) return false;
  remaining_ -= length;
  if (remaining_ == 0) state_ = State::data_end;
  return true;
}

}  // namespace understudy
