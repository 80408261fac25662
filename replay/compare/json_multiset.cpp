// Arrays as multisets: the part of JsonComparison that pairs elements whatever their order.
#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <utility>

#include "replay/compare/json_comparison.hpp"

namespace understudy {
namespace {

// The finalizer of SplitMix64: every bit of the result depends on every bit of the value.
std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 30U;
  value *= 0xbf58476d1ce4e5b9U;
  value ^= value >> 27U;
  value *= 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

std::uint64_t hash_text(std::string_view text) { return std::hash<std::string_view>()(text); }

// Numbers that are equal by value have one hash: 1 and 1.0. Of a fraction the last digits do not count, for the reading
// may differ there; two that differ only there may still have two hashes, and are paired by trying.
std::uint64_t hash_number(const boost::json::value& value) {
  constexpr double exact_max = 9007199254740992.0;  // 2^53
  constexpr std::uint64_t last_digits = 0xff;
  if (value.is_uint64()) return mix(value.get_uint64());
  if (value.is_int64()) return mix(static_cast<std::uint64_t>(value.get_int64()));
  const double number = value.get_double();
  if (std::abs(number) <= exact_max && number == std::floor(number)) {
    return mix(static_cast<std::uint64_t>(static_cast<std::int64_t>(number)));
  }
  return mix(std::bit_cast<std::uint64_t>(number) | last_digits);
}

using HashAndIndex = std::pair<std::uint64_t, std::uint32_t>;

}  // namespace

std::uint64_t JsonComparison::hash(const Value& value) {
  if (!step() || walk_.rule().ignored) return 0;
  const auto kind = static_cast<std::uint64_t>(value.kind());
  switch (value.kind()) {
    case boost::json::kind::null: return mix(kind);
    case boost::json::kind::bool_: return mix(kind + (value.get_bool() ? 16U : 32U));
    case boost::json::kind::string: return mix(hash_text({value.get_string().data(), value.get_string().size()}));
    case boost::json::kind::array: return mix(hash_array(value.get_array()) + kind);
    case boost::json::kind::object: {
      std::uint64_t sum = kind;  // members have no order
      for (const auto& member : value.get_object()) {
        const std::string_view name(member.key().data(), member.key().size());
        enter_member(name);
        if (!walk_.rule().ignored) sum += mix(hash_text(name) ^ (hash(member.value()) + 1));
        leave();
      }
      return mix(sum);
    }
    default: return hash_number(value);
  }
}

std::uint64_t JsonComparison::hash_array(const Array& array) {
  const bool unordered = walk_.rule().unordered;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < array.size(); ++i) {
    enter_element(i);
    const std::uint64_t element = hash(array[i]);
    leave();
    sum = unordered ? sum + mix(element) : mix(sum * 31 + element);
  }
  return sum;
}

void JsonComparison::pair_elements(const Array& expected, const Array& actual, Indices& expected_left,
                                   Indices& actual_left) {
  const auto hashes_of = [this](const Array& array) {
    std::vector<HashAndIndex> hashes;
    hashes.reserve(array.size());
    for (std::size_t i = 0; i < array.size() && work_left_ != 0; ++i) {
      enter_element(i);
      hashes.emplace_back(hash(array[i]), static_cast<std::uint32_t>(i));
      leave();
    }
    std::ranges::sort(hashes);
    return hashes;
  };
  const std::vector<HashAndIndex> left = hashes_of(expected);
  const std::vector<HashAndIndex> right = hashes_of(actual);
  auto at = right.begin();
  for (const auto& [hash, index] : left) {
    for (; at != right.end() && at->first < hash; ++at) actual_left.push_back(at->second);
    // The hash finds the partner, the comparison makes sure of it.
    if (at != right.end() && at->first == hash && same_element(index, expected[index], actual[at->second])) {
      ++at;
    } else {
      expected_left.push_back(index);
    }
  }
  for (; at != right.end(); ++at) actual_left.push_back(at->second);
  std::ranges::sort(expected_left);
  std::ranges::sort(actual_left);
  if (expected_left.size() * actual_left.size() <= pairs_tried_max) {
    pair_by_trying(expected, actual, expected_left, actual_left);
  }
}

void JsonComparison::pair_by_trying(const Array& expected, const Array& actual, Indices& expected_left,
                                    Indices& actual_left) {
  std::erase_if(expected_left, [&](std::uint32_t index) {
    const auto partner = std::ranges::find_if(
        actual_left, [&](std::uint32_t other) { return same_element(index, expected[index], actual[other]); });
    if (partner == actual_left.end()) return false;
    actual_left.erase(partner);
    return true;
  });
}

void JsonComparison::compare_unordered(const Array& expected, const Array& actual) {
  Indices expected_left;
  Indices actual_left;
  pair_elements(expected, actual, expected_left, actual_left);
  for (std::size_t i = 0; i < std::max(expected_left.size(), actual_left.size()); ++i) {
    if (!step()) return;
    const Value* const left = i < expected_left.size() ? &expected[expected_left[i]] : nullptr;
    const Value* const right = i < actual_left.size() ? &actual[actual_left[i]] : nullptr;
    compare_element(left != nullptr ? expected_left[i] : actual_left[i], left, right);
  }
}

}  // namespace understudy
