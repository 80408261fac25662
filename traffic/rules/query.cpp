#include "traffic/rules/query.hpp"

#include <cstddef>

namespace understudy {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

// Takes one decoded byte off the front. REQUIRES: not empty.
char take_decoded(std::string_view& encoded) {
  const char first = encoded.front();
  if (first == '%' && encoded.size() >= 3) {
    const int high = hex_value(encoded[1]);
    const int low = hex_value(encoded[2]);
    if (high >= 0 && low >= 0) {
      encoded.remove_prefix(3);
      return static_cast<char>(high * 16 + low);
    }
  }
  encoded.remove_prefix(1);
  return first == '+' ? ' ' : first;
}

}  // namespace

TargetParts split_target(std::string_view target) {
  TargetParts parts;
  if (!target.starts_with('/')) {
    const std::size_t scheme_end = target.find("://");
    const std::size_t first = target.find_first_of("/?");
    if (scheme_end != std::string_view::npos && scheme_end < first) {
      const std::size_t authority_end = target.find_first_of("/?", scheme_end + 3);
      parts.prefix = target.substr(0, authority_end);
      target.remove_prefix(parts.prefix.size());
    }
  }
  const std::size_t question = target.find('?');
  parts.path = target.substr(0, question);
  if (question != std::string_view::npos) {
    parts.has_query = true;
    parts.query = target.substr(question + 1);
  }
  return parts;
}

std::optional<Parameter> ParameterReader::next() {
  while (!rest_.empty()) {
    Parameter parameter;
    parameter.whole = rest_.substr(0, rest_.find('&'));
    rest_.remove_prefix(parameter.whole.size());
    if (!rest_.empty()) rest_.remove_prefix(1);
    if (parameter.whole.empty()) continue;
    const std::size_t equals = parameter.whole.find('=');
    parameter.name = parameter.whole.substr(0, equals);
    parameter.value = equals == std::string_view::npos ? parameter.whole.substr(parameter.whole.size())
                                                       : parameter.whole.substr(equals + 1);
    return parameter;
  }
  return std::nullopt;
}

bool decodes_to(std::string_view encoded, std::string_view plain) {
  for (const char expected : plain) {
    if (encoded.empty() || take_decoded(encoded) != expected) return false;
  }
  return encoded.empty();
}

std::string_view decode_parameter(std::string_view encoded, std::string& storage) {
  if (encoded.find_first_of("%+") == std::string_view::npos) return encoded;
  storage.clear();
  while (!encoded.empty()) storage += take_decoded(encoded);
  return storage;
}

void append_encoded(std::string& out, std::string_view plain) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : plain) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += digits[byte >> 4U];
      out += digits[byte & 0xFU];
    }
  }
}

}  // namespace understudy
