// Compares two JSON values by structure.
//
// Arrays are compared in order. Where they differ but hold the same elements, that is one difference (json_order);
// where their lengths differ, what is the same at both ends is left out, so that one element more is one difference.
// Unordered arrays (by rule) are compared as multisets: elements are paired by hash, the rest by trying
// (pairs_tried_max), and what is left then is paired in its order, so that a changed element is told by what changed in
// it.
//
// Bound: work_max steps, of which a difference takes 20. Beyond it Differences::cut is set.
// Thread safety: one thread.
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "replay/compare/compare_rules.hpp"
#include "replay/compare/difference.hpp"
#include "replay/compare/pointer_tree.hpp"
#include "replay/compare/shown_value.hpp"

namespace understudy {

class JsonComparison {
 public:
  static constexpr std::size_t work_max = 4'000'000;
  static constexpr std::size_t pairs_tried_max = 4096;

  // The rules outlive it.
  explicit JsonComparison(const CompareRules& rules) : rules_(rules), walk_(rules.json()) {}

  // Adds what differs.
  void compare(const boost::json::value& expected, const boost::json::value& actual, Differences& differences);

 private:
  using Value = boost::json::value;
  using Array = boost::json::array;
  using Object = boost::json::object;
  using Indices = std::vector<std::uint32_t>;

  void compare_values(const Value& expected, const Value& actual);
  void compare_numbers(const Value& expected, const Value& actual);
  void compare_members(const Object& expected, const Object& actual);
  void compare_arrays(const Value& expected, const Value& actual);
  void compare_in_order(const Array& expected, const Array& actual);
  void compare_unordered(const Array& expected, const Array& actual);
  // An element each, either null where there is none.
  void compare_element(std::size_t index, const Value* expected, const Value* actual);
  void compare_member(std::string_view name, const Value* expected, const Value* actual);
  void compare_or_lack(const Value* expected, const Value* actual);

  // Whether they are the same under the rules, without noting differences. REQUIRES: the walk is at their place.
  [[nodiscard]] bool same(const Value& expected, const Value& actual);
  [[nodiscard]] bool same_element(std::size_t index, const Value& expected, const Value& actual);
  // Leaves the elements that have no partner, by index, in their order.
  void pair_elements(const Array& expected, const Array& actual, Indices& expected_left, Indices& actual_left);
  void pair_by_trying(const Array& expected, const Array& actual, Indices& expected_left, Indices& actual_left);
  // The same for values that are the same under the rules, but for tolerance and redaction markers.
  [[nodiscard]] std::uint64_t hash(const Value& value);
  [[nodiscard]] std::uint64_t hash_array(const Array& array);

  void enter_member(std::string_view name);
  void enter_element(std::size_t index);
  void leave();
  void note(DifferenceKind kind, const Value* expected, const Value* actual, double size = 0);
  // Takes one step. False: nothing more is to be done, for the work is used up or one difference was enough.
  [[nodiscard]] bool step(std::size_t steps = 1);

  const CompareRules& rules_;
  PointerWalk walk_;
  std::vector<PlaceSegment> place_;
  Differences* differences_ = nullptr;
  std::size_t work_left_ = 0;
  std::uint64_t found_ = 0;  // differences, those not kept included
  bool probing_ = false;     // the first difference is enough, and is not noted
  bool probe_failed_ = false;
};

}  // namespace understudy
