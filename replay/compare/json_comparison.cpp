#include "replay/compare/json_comparison.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "traffic/rules/marker.hpp"

namespace understudy {
namespace {

constexpr std::size_t steps_of_difference = 20;
// Two readings of one number may differ in its last digits: Boost.JSON rounds each on its own.
constexpr double reading_error = 4 * std::numeric_limits<double>::epsilon();

std::string_view text_of(const boost::json::string& text) { return {text.data(), text.size()}; }
std::string_view text_of(boost::json::string_view text) { return {text.data(), text.size()}; }

bool is_integer(const boost::json::value& value) { return value.is_int64() || value.is_uint64(); }

double as_double(const boost::json::value& value) {
  if (value.is_int64()) return static_cast<double>(value.get_int64());
  if (value.is_uint64()) return static_cast<double>(value.get_uint64());
  const double number = value.get_double();
  return std::isnan(number) ? 0 : number;  // how Boost.JSON reads zero with a huge exponent: 0e999
}

bool same_integer(const boost::json::value& left, const boost::json::value& right) {
  if (left.is_int64() && right.is_int64()) return left.get_int64() == right.get_int64();
  // An unsigned one is beyond the signed ones: Boost.JSON takes the smallest type that fits.
  return left.is_uint64() && right.is_uint64() && left.get_uint64() == right.get_uint64();
}

}  // namespace

void JsonComparison::compare(const Value& expected, const Value& actual, Differences& differences) {
  differences_ = &differences;
  work_left_ = work_max;
  walk_.reset();
  place_.clear();
  probing_ = false;
  compare_values(expected, actual);
  if (work_left_ == 0) differences.cut = true;
}

bool JsonComparison::step(std::size_t steps) {
  if (probing_ && probe_failed_) return false;
  work_left_ -= std::min(work_left_, steps);
  return work_left_ != 0;
}

void JsonComparison::note(DifferenceKind kind, const Value* expected, const Value* actual, double size) {
  ++found_;
  if (probing_) {
    probe_failed_ = true;
    return;
  }
  if (!step(steps_of_difference)) return;
  Difference difference{kind, shape_of(place_), {}, {}, size};
  if (differences_->find(kind, difference.shape) != nullptr) return;
  if (rules_.hides(kind, difference.shape)) {
    difference.expected = expected == nullptr ? no_value : hidden_value;
    difference.actual = actual == nullptr ? no_value : hidden_value;
  } else {
    difference.expected = expected == nullptr ? std::string(no_value) : shown_json(*expected);
    difference.actual = actual == nullptr ? std::string(no_value) : shown_json(*actual);
  }
  differences_->add(std::move(difference));
}

void JsonComparison::enter_member(std::string_view name) {
  walk_.enter_member(name);
  place_.push_back({name, false});
}

void JsonComparison::enter_element(std::size_t index) {
  walk_.enter_element(index);
  place_.push_back({{}, true});
}

void JsonComparison::leave() {
  walk_.leave();
  place_.pop_back();
}

void JsonComparison::compare_values(const Value& expected, const Value& actual) {
  if (!step() || walk_.rule().ignored) return;
  if (expected.is_number() && actual.is_number()) return compare_numbers(expected, actual);
  if (expected.is_string() && is_marker(text_of(expected.get_string()))) return;
  if (expected.kind() != actual.kind()) return note(DifferenceKind::json_type, &expected, &actual);
  switch (expected.kind()) {
    case boost::json::kind::object: return compare_members(expected.get_object(), actual.get_object());
    case boost::json::kind::array: return compare_arrays(expected, actual);
    case boost::json::kind::string:
      if (expected.get_string() != actual.get_string()) note(DifferenceKind::json_value, &expected, &actual);
      return;
    case boost::json::kind::bool_:
      if (expected.get_bool() != actual.get_bool()) note(DifferenceKind::json_value, &expected, &actual);
      return;
    default: return;  // null
  }
}

void JsonComparison::compare_numbers(const Value& expected, const Value& actual) {
  const bool integers = is_integer(expected) && is_integer(actual);
  if (integers && same_integer(expected, actual)) return;
  const double left = as_double(expected);
  const double right = as_double(actual);
  const double largest = std::max(std::abs(left), std::abs(right));
  const double apart = std::abs(left - right);
  if (!integers && left == right) return;
  if (!std::isfinite(apart)) return note(DifferenceKind::json_value, &expected, &actual, 1);  // one is beyond doubles
  if (!integers && apart <= reading_error * largest) return;
  if (const auto& tolerance = walk_.rule().tolerance) {
    // What is written as within a decimal tolerance must not fall out of it by the last binary digit.
    const double allowed = std::max(tolerance->absolute, tolerance->relative * largest);
    if (apart <= allowed + reading_error * largest) return;
  }
  note(DifferenceKind::json_value, &expected, &actual, largest > 0 ? apart / largest : 0);
}

void JsonComparison::compare_or_lack(const Value* expected, const Value* actual) {
  if (expected != nullptr && actual != nullptr) return compare_values(*expected, *actual);
  if (!step() || walk_.rule().ignored) return;
  note(actual == nullptr ? DifferenceKind::json_missing : DifferenceKind::json_extra, expected, actual);
}

void JsonComparison::compare_member(std::string_view name, const Value* expected, const Value* actual) {
  enter_member(name);
  compare_or_lack(expected, actual);
  leave();
}

void JsonComparison::compare_element(std::size_t index, const Value* expected, const Value* actual) {
  enter_element(index);
  compare_or_lack(expected, actual);
  leave();
}

void JsonComparison::compare_members(const Object& expected, const Object& actual) {
  // Members usually come in the same order: then nothing is searched for.
  bool in_order = expected.size() == actual.size();
  auto beside = actual.begin();
  for (const auto& member : expected) {
    if (!step()) return;
    in_order = in_order && beside != actual.end() && beside->key() == member.key();
    compare_member(text_of(member.key()), &member.value(),
                   in_order ? &beside->value() : actual.if_contains(member.key()));
    if (in_order) ++beside;
  }
  if (in_order) return;
  for (const auto& member : actual) {
    if (!step()) return;
    if (!expected.contains(member.key())) compare_member(text_of(member.key()), nullptr, &member.value());
  }
}

void JsonComparison::compare_arrays(const Value& expected, const Value& actual) {
  const Array& left = expected.get_array();
  const Array& right = actual.get_array();
  if (walk_.rule().unordered) return compare_unordered(left, right);
  const std::uint64_t found_before = found_;
  const std::size_t kept_before = differences_->list.size();
  const bool cut_before = differences_->cut;
  compare_in_order(left, right);
  if (probing_ || found_ == found_before || left.size() != right.size() || left.size() < 2) return;
  Indices left_alone;
  Indices right_alone;
  pair_elements(left, right, left_alone, right_alone);
  if (!left_alone.empty() || !right_alone.empty() || work_left_ == 0) return;
  differences_->list.resize(kept_before);
  differences_->cut = cut_before;
  note(DifferenceKind::json_order, &expected, &actual);
}

void JsonComparison::compare_in_order(const Array& expected, const Array& actual) {
  std::size_t begin = 0;
  std::size_t expected_end = expected.size();
  std::size_t actual_end = actual.size();
  if (expected_end != actual_end) {
    const std::size_t shorter = std::min(expected_end, actual_end);
    while (begin < shorter && same_element(begin, expected[begin], actual[begin])) ++begin;
    while (expected_end > begin && actual_end > begin &&
           same_element(expected_end - 1, expected[expected_end - 1], actual[actual_end - 1])) {
      --expected_end;
      --actual_end;
    }
  }
  for (std::size_t i = begin; i < std::max(expected_end, actual_end); ++i) {
    if (!step()) return;
    compare_element(i, i < expected_end ? &expected[i] : nullptr, i < actual_end ? &actual[i] : nullptr);
  }
}

bool JsonComparison::same(const Value& expected, const Value& actual) {
  const bool outer_probing = std::exchange(probing_, true);
  const bool outer_failed = std::exchange(probe_failed_, false);
  const std::uint64_t outer_found = found_;
  compare_values(expected, actual);
  const bool is_same = !probe_failed_ && work_left_ != 0;
  probing_ = outer_probing;
  probe_failed_ = outer_failed;
  found_ = outer_found;
  return is_same;
}

bool JsonComparison::same_element(std::size_t index, const Value& expected, const Value& actual) {
  enter_element(index);
  const bool is_same = same(expected, actual);
  leave();
  return is_same;
}

}  // namespace understudy
