#include "replay/verdict/paired_test.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace understudy {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::Eq;
using testing::Optional;

// Darwin's maize, crossed less self-fertilised height in eighths of an inch: the data on which Fisher showed both tests
// (The Design of Experiments, 1935, sections 17 and 21).
constexpr double maize[] = {49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48};

TEST(PairedTest, TTestOfDarwinsMaize) {
  const PairedEstimate estimate = estimate_paired(maize);
  EXPECT_NEAR(estimate.mean, 20.933, 0.001);
  EXPECT_NEAR(estimate.mean / estimate.standard_error, 2.148, 0.001);
  EXPECT_NEAR(paired_t_test(estimate), 0.0497, 0.0001);
}

TEST(PairedTest, SignFlipOfDarwinsMaize) {
  // Fisher counted 863 of 32,768 in one tail with a sum as high or higher: 5.267 % for both.
  EXPECT_DOUBLE_EQ(sign_flip_test(maize), 2 * 863.0 / 32768.0);
}

TEST(PairedTest, SmallestSignFlipOfSixIsTwoIn64) {
  constexpr double same_direction[] = {0.1, 0.3, 0.2, 0.9, 0.1, 0.4};
  EXPECT_DOUBLE_EQ(sign_flip_test(same_direction), 2.0 / 64);
  constexpr double other_direction[] = {-0.1, -0.3, -0.2, -0.9, -0.1, -0.4};
  EXPECT_DOUBLE_EQ(sign_flip_test(other_direction), 2.0 / 64);
}

TEST(PairedTest, SignFlipOfNothingIsCertain) {
  constexpr double zeros[] = {0, 0, 0, 0, 0, 0};
  EXPECT_DOUBLE_EQ(sign_flip_test(zeros), 1);
  constexpr double one[] = {3};
  EXPECT_DOUBLE_EQ(sign_flip_test(one), 1);
}

TEST(PairedTest, SignFlipCountsEqualSumsDespiteRounding) {
  constexpr double equal[] = {0.1, 0.2, 0.3, 0.3};  // 0.1 + 0.2 - 0.3 - 0.3 and its like tie in binary only nearly
  // Ways with |sum| >= 0.9: all alike only.
  EXPECT_DOUBLE_EQ(sign_flip_test(equal), 2.0 / 16);
  constexpr double tied[] = {0.3, 0.3, -0.1, -0.2};  // sum 0.3; counted by hand: |sum| >= 0.3 in 10 of 16
  std::size_t count = 0;
  for (unsigned signs = 0; signs < 16; ++signs) {
    int sum = 0;
    const int tenths[] = {3, 3, 1, 2};
    for (unsigned i = 0; i < 4; ++i) sum += (signs >> i & 1U) != 0 ? tenths[i] : -tenths[i];
    count += std::abs(sum) >= 3 ? 1U : 0U;
  }
  EXPECT_DOUBLE_EQ(sign_flip_test(tied), static_cast<double>(count) / 16);
}

TEST(PairedTest, IntervalOfDarwinsMaize) {
  const Interval interval = t_interval(estimate_paired(maize), 0.95);
  EXPECT_NEAR(interval.low, 0.03, 0.01);
  EXPECT_NEAR(interval.high, 41.84, 0.01);
}

TEST(PairedTest, EqualDifferencesHaveNoSpread) {
  constexpr double equal[] = {0.1, 0.1, 0.1};
  const PairedEstimate estimate = estimate_paired(equal);
  EXPECT_EQ(estimate.standard_error, 0);
  EXPECT_EQ(paired_t_test(estimate), 0);
  EXPECT_EQ(equivalence_test(estimate, 0.2), 0);
  EXPECT_EQ(equivalence_test(estimate, 0.05), 1);
  constexpr double zeros[] = {0, 0, 0};
  EXPECT_EQ(paired_t_test(estimate_paired(zeros)), 1);
}

TEST(PairedTest, EquivalenceIsTheNinetyPercentIntervalWithinTheBound) {
  // TOST at 5 % says yes exactly when the 90 % interval lies within the bound.
  constexpr double differences[] = {0.01, -0.02, 0.03, 0.00, -0.01, 0.02, 0.01};
  const PairedEstimate estimate = estimate_paired(differences);
  const Interval interval = t_interval(estimate, 0.9);
  const double edge = std::max(interval.high, -interval.low);
  EXPECT_LT(equivalence_test(estimate, edge * 1.001), 0.05);
  EXPECT_GT(equivalence_test(estimate, edge * 0.999), 0.05);
}

TEST(PairedTest, HolmOfAKnownExample) {
  // Holm's own rule on 0.01, 0.04, 0.03, 0.005: times 4, 3, 2, 1 in ascending order, never falling.
  const std::optional<double> p[] = {0.01, 0.04, 0.03, 0.005};
  EXPECT_THAT(holm_adjust(p), ElementsAre(Optional(DoubleNear(0.03, 1e-12)), Optional(DoubleNear(0.06, 1e-12)),
                                          Optional(DoubleNear(0.06, 1e-12)), Optional(DoubleNear(0.02, 1e-12))));
}

TEST(PairedTest, HolmLeavesOutWhatWasNotTested) {
  const std::optional<double> p[] = {std::nullopt, 0.02, 0.9};
  EXPECT_THAT(holm_adjust(p), ElementsAre(Eq(std::nullopt), Optional(DoubleNear(0.04, 1e-12)), Optional(0.9)));
}

}  // namespace
}  // namespace understudy
