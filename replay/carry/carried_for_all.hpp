// The values that rules with scope=all carry: one for all books whose requests go to the same target.
//
// Thread safety: any thread, under a mutex that is held for one look-up. Only rules with scope=all come here.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "replay/carry/carry_values.hpp"

namespace understudy {

class CarriedForAll {
 public:
  static constexpr std::size_t latest_max = 64;  // of all rules, for templates and redacted cookies

  CarriedForAll(std::size_t values_max, std::size_t memory_max) : values_max_(values_max), memory_max_(memory_max) {}

  // Returns how many were forgotten.
  std::size_t note(CarriedValue value);
  [[nodiscard]] std::optional<CarriedValue> find(const CarryKey& key, std::string_view recorded);
  [[nodiscard]] std::optional<CarriedValue> latest(const CarryKey& key) const;
  // Of one rule, oldest first.
  [[nodiscard]] std::vector<CarriedValue> of_rule(std::size_t rule) const;
  [[nodiscard]] std::size_t memory() const;

 private:
  const std::size_t values_max_;
  const std::size_t memory_max_;
  mutable std::mutex mutex_;  // guards the two below
  CarriedIndex values_;
  CarriedValues latest_;
};

}  // namespace understudy
