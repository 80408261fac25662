#include "traffic/http/head_parser.hpp"

#include <algorithm>

#include "traffic/http/byte_scan.hpp"

namespace understudy {
namespace {

using Outcome = HeadParser::Outcome;
using Status = HeadParser::Status;

constexpr std::size_t spare_size_max = std::size_t{16} << 10U;

constexpr Outcome good{Status::complete, Malformation::start_line};
constexpr Outcome incomplete{Status::incomplete, Malformation::start_line};

constexpr Outcome refuse(Malformation malformation) { return {Status::malformed, malformation}; }

constexpr TextRange range(std::size_t begin, std::size_t end) {
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end - begin)};
}

constexpr bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

}  // namespace

HeadParser::HeadParser(const FramingPolicy& policy, const FramingLimits& limits) : policy_(policy), limits_(limits) {
  fields_.reserve(64);
}

bool HeadParser::find_line(std::string_view bytes, std::size_t begin, Line& line) {
  line = {begin, begin, begin, false, false, false};
  std::size_t at = begin;
  for (;;) {
    at = find_control(bytes, at);
    if (at == bytes.size()) return false;
    const char byte = bytes[at];
    if (byte == '\n') {
      line.end = at;
      line.next = at + 1;
      line.bare_lf = true;
      return true;
    }
    if (byte == '\r') {
      if (at + 1 == bytes.size()) return false;
      if (bytes[at + 1] == '\n') {
        line.end = at;
        line.next = at + 2;
        return true;
      }
      line.bare_cr = true;
    }
    if (byte == '\0') line.nul = true;
    ++at;
  }
}

HeadParser::Outcome HeadParser::check_line(const Line& line) const {
  if (line.bare_lf && !policy_.accept_bare_lf) return refuse(Malformation::bare_lf);
  if (line.bare_cr && !policy_.accept_bare_cr) return refuse(Malformation::bare_cr);
  if (line.nul && !policy_.accept_nul_in_value) return refuse(Malformation::nul_in_value);
  return good;
}

HeadParser::Outcome HeadParser::parse(MessageKind kind, std::string_view bytes) {
  head_ = ParsedHead{};
  fields_.clear();
  // A head's offsets are 32 bit, and what lies beyond the limit is not looked at.
  bytes = bytes.substr(0, std::min<std::size_t>(limits_.head_max, 0x7fffffff));
  head_.bytes = bytes;

  Line line;
  if (!find_line(bytes, 0, line)) return could_begin(kind, bytes);
  if (const Outcome outcome = parse_start_line(kind, line); outcome.status != Status::complete) return outcome;
  return parse_fields(kind, line.next);
}

// The lines behind the start line. Every byte of every head passes here, so the common line is dealt with in place:
// ends in CR LF, a name of letters, digits and '-', a colon.
HeadParser::Outcome HeadParser::parse_fields(MessageKind kind, std::size_t offset) {
  const std::string_view bytes = head_.bytes;
  const char* const data = bytes.data();
  std::size_t next = offset;
  for (;;) {
    const std::size_t begin = next;
    std::size_t end = find_control(bytes, begin);
    if (end + 1 < bytes.size() && data[end] == '\r' && data[end + 1] == '\n') [[likely]] {
      next = end + 2;
    } else {
      Line line;
      if (!find_line(bytes, begin, line)) return incomplete;
      if (const Outcome outcome = check_line(line); outcome.status != Status::complete) return outcome;
      end = line.end;
      next = line.next;
    }
    if (begin == end) break;
    if (fields_.size() >= limits_.fields_max) [[unlikely]]
      return refuse(Malformation::too_many_fields);
    const std::size_t colon = skip_name_bytes(bytes, begin);
    if (colon == begin || data[colon] != ':') [[unlikely]] {
      if (const Outcome outcome = parse_odd_field(kind, begin, end); outcome.status != Status::complete) return outcome;
      continue;
    }
    if (const Outcome outcome = add_field(begin, colon, colon + 1, end); outcome.status != Status::complete)
      return outcome;
  }
  head_.bytes = bytes.substr(0, next);
  head_.fields = fields_;
  return check_framing_fields(kind);
}

// Notes a field whose name and value lie at these places; the value is trimmed here.
inline HeadParser::Outcome HeadParser::add_field(std::size_t name_begin, std::size_t name_end, std::size_t value_begin,
                                                 std::size_t value_end) {
  const char* const data = head_.bytes.data();
  while (value_begin < value_end && is_blank(data[value_begin])) ++value_begin;
  while (value_begin < value_end && is_blank(data[value_end - 1])) --value_end;
  fields_.push_back({range(name_begin, name_end), range(value_begin, value_end)});
  const std::size_t length = name_end - name_begin;
  if (!may_matter(length)) return good;
  return note_field({data + name_begin, length}, {data + value_begin, value_end - value_begin});
}

HeadParser::Outcome HeadParser::parse_start_line(MessageKind kind, const Line& line) {
  head_.start_line_length = static_cast<std::uint32_t>(line.next);
  const std::string_view text = head_.bytes.substr(0, line.end);
  const Outcome outcome = kind == MessageKind::request ? parse_request_line(text) : parse_status_line(text);
  if (outcome.status != Status::complete) return outcome;
  return check_line(line);
}

// The common form, from both ends: a token, one space, a target, one space, "HTTP/1.1".
HeadParser::Outcome HeadParser::parse_request_line(std::string_view line) {
  constexpr std::size_t version_length = 8;
  std::size_t method_end = 0;
  while (method_end < line.size() && is_token_byte(line[method_end])) ++method_end;
  if (method_end == 0 || method_end == line.size() || method_end > limits_.method_max || !is_blank(line[method_end]))
    return refuse(Malformation::start_line);
  head_.method = range(0, method_end);
  if (line[method_end] == ' ' && line.size() >= method_end + 3 + version_length) {
    const std::size_t target_end = line.size() - version_length - 1;
    const std::string_view target = line.substr(method_end + 1, target_end - method_end - 1);
    if (line[target_end] == ' ' && line.substr(target_end + 1, 5) == "HTTP/" && all_visible(target)) {
      head_.target = range(method_end + 1, target_end);
      return take_version(line.substr(target_end + 1));
    }
  }
  return parse_loose_request_line(line);
}

HeadParser::Outcome HeadParser::parse_loose_request_line(std::string_view line) {
  const std::size_t method_end = head_.method.length;
  const std::string_view trimmed = line.substr(0, line.find_last_not_of(" \t") + 1);
  const std::size_t before_version = trimmed.find_last_of(" \t");
  const std::string_view version = trimmed.substr(before_version + 1);
  if (before_version < method_end || !version.starts_with("HTTP/")) {
    const std::string_view rest = trim_blanks(line.substr(method_end));
    const bool is_http09 = head_.text(head_.method) == "GET" && rest.starts_with('/') &&
                           rest.find_first_of(" \t") == std::string_view::npos;
    return refuse(is_http09 ? Malformation::http09 : Malformation::start_line);
  }
  const std::size_t target_begin = line.find_first_not_of(" \t", method_end);
  const std::size_t target_end = line.find_last_not_of(" \t", before_version) + 1;
  if (target_begin >= target_end) return refuse(Malformation::start_line);
  const bool has_extra_space = line[method_end] != ' ' || target_begin != method_end + 1 || line[target_end] != ' ' ||
                               target_end != before_version || trimmed.size() != line.size();
  if (has_extra_space && !policy_.accept_extra_space_in_request_line) return refuse(Malformation::start_line);
  const Outcome outcome = take_target(target_begin, line.substr(target_begin, target_end - target_begin));
  if (outcome.status != Status::complete) return outcome;
  return take_version(version);
}

HeadParser::Outcome HeadParser::take_target(std::size_t offset, std::string_view target) {
  for (const char byte : target) {
    const auto value = static_cast<unsigned char>(byte);
    const bool is_refused = value < 0x20 || value == 0x7f ? byte != '\t' || !policy_.accept_space_in_target
                            : value == 0x20               ? !policy_.accept_space_in_target
                                                          : value >= 0x80 && !policy_.accept_high_bytes_in_target;
    if (is_refused) return refuse(Malformation::target_bytes);
  }
  head_.target = range(offset, offset + target.size());
  return good;
}

HeadParser::Outcome HeadParser::take_version(std::string_view text) {
  // "HTTP/" DIGIT "." DIGIT, RFC 9112 section 2.3.
  if (text.size() != 8 || !is_digit(text[5]) || text[6] != '.' || !is_digit(text[7]))
    return refuse(Malformation::version);
  head_.version = {static_cast<std::uint8_t>(text[5] - '0'), static_cast<std::uint8_t>(text[7] - '0')};
  if (head_.version.major != 1 && !policy_.accept_other_major_version) return refuse(Malformation::version);
  if (head_.version.minor > 1 && !policy_.accept_other_minor_version) return refuse(Malformation::version);
  return good;
}

HeadParser::Outcome HeadParser::parse_status_line(std::string_view line) {
  if (!line.starts_with("HTTP/")) return refuse(Malformation::start_line);
  const Outcome outcome = take_version(line.substr(0, 8));
  if (outcome.status != Status::complete) return outcome;
  std::size_t at = line.find_first_not_of(' ', 8);
  if (at == std::string_view::npos || at == 8 || at + 3 > line.size()) return refuse(Malformation::start_line);
  int status = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    if (!is_digit(line[at + i])) return refuse(Malformation::start_line);
    status = status * 10 + (line[at + i] - '0');
  }
  at += 3;
  if (status < 100 || (at < line.size() && line[at] != ' ')) return refuse(Malformation::start_line);
  head_.status = static_cast<std::int16_t>(status);
  head_.target = range(std::min(at + 1, line.size()), line.size());
  return good;
}

// A first line that is not complete yet: whether it can still become one.
HeadParser::Outcome HeadParser::could_begin(MessageKind kind, std::string_view bytes) const {
  if (kind == MessageKind::response) {
    constexpr std::string_view begin = "HTTP/";
    const std::size_t length = std::min(begin.size(), bytes.size());
    return bytes.substr(0, length) == begin.substr(0, length) ? incomplete : refuse(Malformation::start_line);
  }
  std::size_t at = 0;
  while (at < bytes.size() && is_token_byte(bytes[at])) ++at;
  if (at == bytes.size()) return at <= limits_.method_max ? incomplete : refuse(Malformation::start_line);
  return at > 0 && at <= limits_.method_max && is_blank(bytes[at]) ? incomplete : refuse(Malformation::start_line);
}

// A line that is no common field: a continuation, or a name with other bytes in it.
HeadParser::Outcome HeadParser::parse_odd_field(MessageKind kind, std::size_t begin, std::size_t end) {
  const std::string_view bytes = head_.bytes;
  if (is_blank(bytes[begin])) return fold_into_last(begin, end);
  std::size_t name_end = begin;
  while (name_end < end && is_token_byte(bytes[name_end])) ++name_end;
  std::size_t colon = name_end;
  if (name_end == end || bytes[name_end] != ':' || name_end == begin) {
    const Outcome outcome = parse_odd_name(kind, begin, end, colon, name_end);
    if (outcome.status != Status::complete) return outcome;
  }
  return add_field(begin, name_end, std::min(colon + 1, end), end);
}

// A field line whose name does not go as a token up to the colon. Finds the colon and the name's end, or refuses.
HeadParser::Outcome HeadParser::parse_odd_name(MessageKind kind, std::size_t begin, std::size_t end, std::size_t& colon,
                                               std::size_t& name_end) {
  const std::string_view text = head_.bytes.substr(begin, end - begin);
  const std::size_t found = text.find(':');
  if (found == std::string_view::npos) {
    if (!policy_.accept_line_without_colon) return refuse(Malformation::no_colon);
    colon = end;
    name_end = begin + trim_blanks(text).size();
    return good;
  }
  colon = begin + found;
  const std::size_t last = text.substr(0, found).find_last_not_of(" \t");
  name_end = last == std::string_view::npos ? begin : begin + last + 1;
  const bool may_have_space =
      kind == MessageKind::request ? policy_.accept_space_before_colon : policy_.accept_space_before_colon_in_response;
  if (name_end != colon && !may_have_space) return refuse(Malformation::space_before_colon);
  if (name_end == begin) return refuse(Malformation::field_name);
  const std::string_view name = head_.bytes.substr(begin, name_end - begin);
  const bool is_token = std::all_of(name.begin(), name.end(), is_token_byte);
  const bool is_odd_allowed = policy_.accept_non_token_field_name && std::all_of(name.begin(), name.end(), [](char c) {
                                return static_cast<unsigned char>(c) > 0x20 && c != 0x7f;
                              });
  return is_token || is_odd_allowed ? good : refuse(Malformation::field_name);
}

// RFC 9112 section 5.2. Framing fields are never continued by anybody honest, and recipients differ on them.
HeadParser::Outcome HeadParser::fold_into_last(std::size_t begin, std::size_t end) {
  if (!policy_.accept_obs_fold || fields_.empty()) return refuse(Malformation::obs_fold);
  FieldLine& last = fields_.back();
  const std::string_view name = head_.text(last.name);
  if (equals_ignoring_case(name, "content-length") || equals_ignoring_case(name, "transfer-encoding"))
    return refuse(Malformation::obs_fold);
  head_.has_obs_fold = true;
  while (begin < end && is_blank(head_.bytes[begin])) ++begin;
  while (begin < end && is_blank(head_.bytes[end - 1])) --end;
  if (begin == end) return good;
  last.value = range(last.value.length == 0 ? begin : last.value.offset, end);
  if (equals_ignoring_case(name, "connection")) note_connection(head_.bytes.substr(begin, end - begin));
  return good;
}

void HeadParser::copy_to(HttpMessage& message) const {
  copy_summary_to(message);
  message.head_.assign(head_.bytes);
  message.fields_.assign(head_.fields.begin(), head_.fields.end());
  message.method_ = head_.method;
  message.target_ = head_.target;
  message.start_line_length_ = head_.start_line_length;
  if (!head_.has_obs_fold) return;
  // Every line end that white space follows was a fold; the empty line is followed by nothing of the head.
  std::string& text = message.head_;
  for (std::size_t at = text.find('\n'); at + 1 < text.size(); at = text.find('\n', at + 1)) {
    if (!is_blank(text[at + 1])) continue;
    text[at] = ' ';
    if (text[at - 1] == '\r') text[at - 1] = ' ';
  }
}

void HeadParser::copy_to(HttpMessage& message, BodyFraming framing, std::string_view body) const {
  copy_to(message);
  message.framing_ = framing;
  message.body_.append(body, true);
}

void HeadParser::recycle(HttpMessage&& message) {
  spare_ = std::move(message);
  spare_.head_.clear();
  spare_.fields_.clear();
  spare_.body_.reuse();
  has_spare_ = spare_.memory() <= spare_size_max;
  if (!has_spare_) [[unlikely]]
    spare_ = {};
}

void HeadParser::copy_summary_to(HttpMessage& message) const {
  message.status_ = head_.status;
  message.version_ = head_.version;
  message.persistent_ = head_.persistent();
}

}  // namespace understudy
