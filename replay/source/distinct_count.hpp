// Counts distinct numbers in bounded memory: exactly up to exact_max, and estimated beyond (HyperLogLog of Flajolet and
// others, 2007, with 2^14 registers: a standard error of 0.8 %).
//
// Memory: about 5 MiB. Thread safety: one thread.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <unordered_set>

namespace understudy {

class DistinctCount {
 public:
  static constexpr std::size_t exact_max = 100'000;

  void add(std::uint64_t number) {
    const std::uint64_t hash = mix(number);
    std::uint8_t& rank = registers_[hash >> (64U - register_bits)];
    const auto zeros = static_cast<std::uint8_t>(std::countl_zero(hash << register_bits | 1U) + 1);
    if (zeros > rank) rank = zeros;
    if (!is_exact_) return;
    known_.insert(number);
    if (known_.size() <= exact_max) return;
    is_exact_ = false;
    known_ = {};
  }

  [[nodiscard]] bool is_exact() const { return is_exact_; }
  [[nodiscard]] std::uint64_t count() const { return is_exact_ ? known_.size() : estimate(); }

 private:
  static constexpr unsigned register_bits = 14;
  static constexpr std::size_t registers = std::size_t{1} << register_bits;

  // The last steps of MurmurHash3: every bit of the number changes every bit of the result.
  [[nodiscard]] static std::uint64_t mix(std::uint64_t number) {
    number = (number ^ (number >> 33U)) * 0xff51afd7ed558ccd;
    number = (number ^ (number >> 33U)) * 0xc4ceb9fe1a85ec53;
    return number ^ (number >> 33U);
  }
  // Beyond exact_max no register is likely to be empty, so the estimate needs no correction.
  [[nodiscard]] std::uint64_t estimate() const {
    double sum = 0;
    for (const std::uint8_t rank : registers_) sum += std::ldexp(1.0, -rank);
    constexpr double m = registers;
    constexpr double alpha = 0.7213 / (1 + 1.079 / m);
    return static_cast<std::uint64_t>(std::llround(alpha * m * m / sum));
  }

  std::array<std::uint8_t, registers> registers_{};
  std::unordered_set<std::uint64_t> known_;
  bool is_exact_ = true;
};

}  // namespace understudy
