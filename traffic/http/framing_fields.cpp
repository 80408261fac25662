// The part of HeadParser that reads the fields which decide a body's framing, and the rules that follow from them:
// RFC 9112 sections 6 and 9.3.
#include <limits>

#include "traffic/http/byte_scan.hpp"
#include "traffic/http/head_parser.hpp"

namespace understudy {
namespace {

using Outcome = HeadParser::Outcome;
using Status = HeadParser::Status;

constexpr Outcome good{Status::complete, Malformation::start_line};
constexpr Outcome refuse(Malformation malformation) { return {Status::malformed, malformation}; }

// 1*DIGIT. A number of 2^64 or more reads as 2^64-1: a body of that length does not end either.
[[nodiscard]] bool parse_length(std::string_view digits, std::uint64_t& length) {
  constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  if (digits.empty()) return false;
  length = 0;
  for (const char byte : digits) {
    if (byte < '0' || byte > '9') return false;
    const auto digit = static_cast<std::uint64_t>(byte - '0');
    length = length > (largest - digit) / 10 ? largest : length * 10 + digit;
  }
  return true;
}

}  // namespace

HeadParser::Outcome HeadParser::note_field(std::string_view name, std::string_view value) {
  switch (name.size()) {
    case 7:
      if (is_name(name, "upgrade")) head_.has_upgrade = true;
      return good;
    case 10:
      if (is_name(name, "connection")) note_connection(value);
      return good;
    case 14: return is_name(name, "content-length") ? note_content_length(value) : good;
    case 17: return is_name(name, "transfer-encoding") ? note_transfer_encoding(value) : good;
    default: return good;
  }
}

HeadParser::Outcome HeadParser::note_content_length(std::string_view value) {
  do {
    std::uint64_t length = 0;
    const bool is_list = value.find(',') != std::string_view::npos;
    if (!parse_length(take_list_element(value), length)) return refuse(Malformation::content_length);
    if (head_.has_content_length && head_.content_length != length)
      return refuse(Malformation::conflicting_content_length);
    if ((head_.has_content_length || is_list) && !policy_.accept_repeated_equal_content_length)
      return refuse(Malformation::conflicting_content_length);
    if (is_list && value.empty()) return refuse(Malformation::content_length);
    head_.has_content_length = true;
    head_.content_length = length;
  } while (!value.empty());
  return good;
}

HeadParser::Outcome HeadParser::note_transfer_encoding(std::string_view value) {
  while (!value.empty()) {
    const std::string_view coding = take_list_element(value);
    if (coding.empty()) continue;
    if (policy_.accept_identity_transfer_coding && equals_ignoring_case(coding, "identity")) continue;
    const bool is_chunked = equals_ignoring_case(coding, "chunked");
    // Section 6.1: chunked is applied once, and last. Anything behind it leaves the end unknown.
    if (head_.transfer_coding == TransferCoding::chunked) return refuse(Malformation::transfer_encoding);
    if (is_chunked && head_.transfer_coding == TransferCoding::not_chunked && !policy_.accept_other_transfer_codings)
      return refuse(Malformation::transfer_encoding);
    head_.transfer_coding = is_chunked ? TransferCoding::chunked : TransferCoding::not_chunked;
  }
  return good;
}

void HeadParser::note_connection(std::string_view value) {
  if (is_name(value, "keep-alive")) {
    head_.connection_keep_alive = true;
    return;
  }
  while (!value.empty()) {
    const std::string_view option = take_list_element(value);
    if (equals_ignoring_case(option, "close")) head_.connection_close = true;
    if (equals_ignoring_case(option, "keep-alive")) head_.connection_keep_alive = true;
  }
}

HeadParser::Outcome HeadParser::check_framing_fields(MessageKind kind) const {
  if (head_.transfer_coding == TransferCoding::none) return good;
  const bool is_request = kind == MessageKind::request;
  if (is_request && head_.transfer_coding == TransferCoding::not_chunked)
    return refuse(Malformation::transfer_encoding);  // section 6.3, rule 4.3
  if (head_.version.minor == 0 && !policy_.accept_transfer_encoding_in_http10)
    return refuse(Malformation::transfer_encoding);
  const bool may_have_both = is_request ? policy_.accept_content_length_with_transfer_encoding
                                        : policy_.accept_content_length_with_transfer_encoding_in_response;
  if (head_.has_content_length && !may_have_both) return refuse(Malformation::content_length_with_transfer_encoding);
  return good;
}

BodyFraming request_framing(const ParsedHead& head) {
  if (head.transfer_coding == TransferCoding::chunked) return BodyFraming::chunked;
  return head.has_content_length ? BodyFraming::content_length : BodyFraming::none;
}

BodyFraming response_framing(const ParsedHead& head, Answers answers) {
  if (head.status < 200 || head.status == 204 || head.status == 304 || answers == Answers::head)
    return BodyFraming::none;                                                        // rule 1
  if (answers == Answers::connect && head.status < 300) return BodyFraming::none;    // rule 2
  if (head.transfer_coding == TransferCoding::chunked) return BodyFraming::chunked;  // rule 4
  if (head.transfer_coding == TransferCoding::not_chunked) return BodyFraming::until_close;
  return head.has_content_length ? BodyFraming::content_length : BodyFraming::until_close;  // rules 6 and 8
}

}  // namespace understudy
