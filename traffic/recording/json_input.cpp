#include "traffic/recording/json_input.hpp"

#include <cmath>

namespace understudy {

const boost::json::value* find_member(const boost::json::object& object, std::string_view name) {
  return object.if_contains({name.data(), name.size()});
}

const boost::json::object* find_object(const boost::json::object& object, std::string_view name) {
  const boost::json::value* member = find_member(object, name);
  return member == nullptr ? nullptr : member->if_object();
}

const boost::json::array* find_array(const boost::json::object& object, std::string_view name) {
  const boost::json::value* member = find_member(object, name);
  return member == nullptr ? nullptr : member->if_array();
}

std::optional<std::string_view> find_string(const boost::json::object& object, std::string_view name) {
  const boost::json::value* member = find_member(object, name);
  const boost::json::string* text = member == nullptr ? nullptr : member->if_string();
  if (text == nullptr) return std::nullopt;
  return std::string_view(text->data(), text->size());
}

std::optional<std::int64_t> find_integer(const boost::json::object& object, std::string_view name) {
  const boost::json::value* member = find_member(object, name);
  if (member == nullptr) return std::nullopt;
  if (const std::int64_t* number = member->if_int64()) return *number;
  // Some programs write whole numbers as 12.0.
  const double* number = member->if_double();
  constexpr double exact_max = 9'007'199'254'740'992.0;
  if (number == nullptr || std::floor(*number) != *number || std::fabs(*number) > exact_max) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

bool find_flag(const boost::json::object& object, std::string_view name, bool otherwise) {
  const boost::json::value* member = find_member(object, name);
  const bool* flag = member == nullptr ? nullptr : member->if_bool();
  return flag == nullptr ? otherwise : *flag;
}

std::optional<std::string> latin1_bytes(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto first = static_cast<unsigned char>(text[i]);
    if (first < 0x80) {
      bytes += text[i];
      continue;
    }
    // U+0080 to U+00FF: C2 or C3, and one byte.
    if ((first != 0xC2 && first != 0xC3) || i + 1 == text.size()) return std::nullopt;
    const auto second = static_cast<unsigned char>(text[++i]);
    bytes += static_cast<char>(((first & 0x03U) << 6U) | (second & 0x3FU));
  }
  return bytes;
}

std::optional<std::string_view> first_text_of(std::string_view document, std::string_view key) {
  const std::size_t at = document.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t begin = document.find('"', at + key.size());
  if (begin == std::string_view::npos) return std::nullopt;
  const std::size_t end = document.find('"', begin + 1);
  if (end == std::string_view::npos) return std::nullopt;
  return document.substr(begin + 1, end - begin - 1);
}

}  // namespace understudy
