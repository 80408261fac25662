#include "replay/route/identifier.hpp"

#include <algorithm>
#include <cstddef>

namespace understudy {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_alphanumeric(char c) { return is_digit(c) || is_letter(c); }

std::size_t count_digits(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_digit));
}

bool is_number_or_date(std::string_view text, std::size_t digits) {
  if (digits == text.size()) return true;
  static constexpr std::string_view punctuation = "-.:,_TZ+";
  return digits >= 4 && is_digit(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || punctuation.find(c) != std::string_view::npos; });
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

bool is_long_hex(std::string_view text, std::size_t digits) {
  return text.size() >= 8 && digits > 0 && std::ranges::all_of(text, is_hex);
}

// Crockford's base 32 of 128 bits: 26 characters, the first one 0 to 7, without I, L, O and U.
bool is_ulid(std::string_view text) {
  return text.size() == 26 && text.front() >= '0' && text.front() <= '7' && std::ranges::all_of(text, [](char c) {
           return is_alphanumeric(c) && std::string_view("ILOUilou").find(c) == std::string_view::npos;
         });
}

bool is_token_like(std::string_view text, std::size_t digits) {
  static constexpr std::string_view punctuation = "-_=~.%";
  return text.size() >= 20 && digits >= 3 && std::ranges::all_of(text, [](char c) {
           return is_alphanumeric(c) || punctuation.find(c) != std::string_view::npos;
         });
}

// A kind and its identifier: "ord-12345", "cus_NffrFeUfNV2Hib".
bool is_prefixed(std::string_view text) {
  const std::size_t separator = text.find_first_of("-_");
  if (separator == 0 || separator == std::string_view::npos) return false;
  if (!std::ranges::all_of(text.substr(0, separator), is_letter)) return false;
  const std::string_view tail = text.substr(separator + 1);
  const std::size_t digits = count_digits(tail);
  if (digits == tail.size()) return digits >= 3;
  return is_long_hex(tail, digits) || (tail.size() >= 10 && digits >= 1 && std::ranges::all_of(tail, is_alphanumeric));
}

}  // namespace

bool looks_like_identifier(std::string_view text) {
  if (text.empty()) return false;
  if (text.find('@') != std::string_view::npos || text.find("%40") != std::string_view::npos) return true;
  const std::size_t digits = count_digits(text);
  if (digits == 0) return false;
  return is_number_or_date(text, digits) || is_long_hex(text, digits) || is_uuid(text) || is_ulid(text) ||
         is_token_like(text, digits) || is_prefixed(text);
}

}  // namespace understudy
