#include "replay/environment/json_flatten.hpp"

#include <fmt/format.h>

#include <boost/json/value.hpp>

#include "replay/compare/json_document.hpp"
#include "replay/compare/shown_value.hpp"
#include "traffic/base/json_text.hpp"

namespace understudy {
namespace {

void append_segment(std::string& pointer, std::string_view name) {
  pointer += '/';
  for (const char c : name) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

[[nodiscard]] JsonLeaf leaf_of(const boost::json::value& value) {
  using boost::json::kind;
  switch (value.kind()) {
    case kind::null: return std::monostate();
    case kind::bool_: return value.get_bool();
    case kind::int64: return value.get_int64();
    case kind::uint64: return value.get_uint64();
    case kind::double_: return value.get_double();
    case kind::string: return std::string(value.get_string());
    case kind::array: return EmptyContainer::array;
    case kind::object: return EmptyContainer::object;
  }
  return std::monostate();
}

// Depth is bounded by json_nesting_max. False: there are too many leaves.
[[nodiscard]] bool flatten(const boost::json::value& value, std::string& pointer, FlatJson& out) {
  const std::size_t length = pointer.size();
  if (value.is_object() && !value.get_object().empty()) {
    for (const auto& member : value.get_object()) {
      append_segment(pointer, member.key());
      if (!flatten(member.value(), pointer, out)) return false;
      pointer.resize(length);
    }
    return true;
  }
  if (value.is_array() && !value.get_array().empty()) {
    std::size_t index = 0;
    for (const boost::json::value& element : value.get_array()) {
      append_segment(pointer, std::to_string(index++));
      if (!flatten(element, pointer, out)) return false;
      pointer.resize(length);
    }
    return true;
  }
  out.emplace(pointer, leaf_of(value));
  return out.size() <= statistics_paths_max;
}

struct LeafWriter {
  JsonWriter& json;
  void operator()(std::monostate) const { json.null(); }
  void operator()(EmptyContainer empty) const { json.raw(empty == EmptyContainer::object ? "{}" : "[]"); }
  void operator()(const std::string& text) const { json.value(std::string_view(text)); }
  template <typename T>
  void operator()(T number) const {
    json.value(number);
  }
};

}  // namespace

std::string to_json(const JsonLeaf& leaf) {
  JsonWriter json;
  std::visit(LeafWriter{json}, leaf);
  return json.take();
}

bool is_number(const JsonLeaf& leaf) {
  return std::holds_alternative<std::int64_t>(leaf) || std::holds_alternative<std::uint64_t>(leaf) ||
         std::holds_alternative<double>(leaf);
}

long double number_of(const JsonLeaf& leaf) {
  if (const auto* const number = std::get_if<std::int64_t>(&leaf)) return static_cast<long double>(*number);
  if (const auto* const number = std::get_if<std::uint64_t>(&leaf)) return static_cast<long double>(*number);
  return static_cast<long double>(std::get<double>(leaf));
}

bool is_equal(const JsonLeaf& a, const JsonLeaf& b) {
  if (is_number(a) && is_number(b)) return number_of(a) == number_of(b);
  return a == b;
}

Result<FlatJson> flatten_json(std::string_view what, std::string_view text) {
  JsonArena arena;
  const boost::json::value* const value = arena.parse(text);
  if (value == nullptr) {
    return fail(ExitCode::environment_unfit, fmt::format("{} is no JSON, but \"{}\"", what, shown_text(text)));
  }
  FlatJson flat;
  std::string pointer;
  if (!flatten(*value, pointer, flat)) {
    return fail(ExitCode::environment_unfit,
                fmt::format("{} has more than {} values; compare a smaller part", what, statistics_paths_max));
  }
  return flat;
}

std::vector<std::string> pointer_segments(std::string_view pointer) {
  std::vector<std::string> segments;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      segments.emplace_back();
    } else if (pointer[i] == '~' && i + 1 < pointer.size() && (pointer[i + 1] == '0' || pointer[i + 1] == '1')) {
      segments.back() += pointer[++i] == '0' ? '~' : '/';
    } else {
      segments.back() += pointer[i];
    }
  }
  return segments;
}

}  // namespace understudy
