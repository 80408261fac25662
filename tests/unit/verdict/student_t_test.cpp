#include "replay/verdict/student_t.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace understudy {
namespace {

// Critical values as printed in tables of the distribution, to three decimals (NIST/SEMATECH e-Handbook, 1.3.6.7.2).
struct Critical {
  double degrees;
  double p;  // P(T <= t)
  double t;
};
constexpr Critical table[] = {
    {1, 0.90, 3.078},    {1, 0.95, 6.314},   {1, 0.975, 12.706}, {1, 0.99, 31.821},   {1, 0.995, 63.657},
    {1, 0.999, 318.309}, {2, 0.95, 2.920},   {2, 0.975, 4.303},  {2, 0.995, 9.925},   {3, 0.95, 2.353},
    {3, 0.975, 3.182},   {5, 0.90, 1.476},   {5, 0.95, 2.015},   {5, 0.975, 2.571},   {5, 0.99, 3.365},
    {5, 0.995, 4.032},   {5, 0.999, 5.893},  {7, 0.975, 2.365},  {9, 0.995, 3.250},   {10, 0.95, 1.812},
    {10, 0.975, 2.228},  {19, 0.975, 2.093}, {30, 0.975, 2.042}, {100, 0.975, 1.984},
};

TEST(StudentT, QuantilesAreThoseOfTheTables) {
  for (const Critical& row : table) {
    EXPECT_NEAR(student_t_quantile(row.p, row.degrees), row.t, 0.0006) << row.degrees << " " << row.p;
  }
}

TEST(StudentT, TailsAreThoseOfTheTables) {
  for (const Critical& row : table) {
    EXPECT_NEAR(student_t_upper_tail(row.t, row.degrees), 1 - row.p, 5e-5) << row.degrees << " " << row.p;
    EXPECT_NEAR(student_t_two_sided(row.t, row.degrees), 2 * (1 - row.p), 1e-4);
  }
}

TEST(StudentT, OneDegreeOfFreedomIsCauchy) {
  for (const double t : {0.001, 0.5, 1.0, 7.0, 1e6}) {
    const double exact = 0.5 - std::atan(t) / M_PI;
    EXPECT_NEAR(student_t_upper_tail(t, 1) / exact, 1, t > 1e5 ? 1e-6 : 1e-10);  // the subtraction itself is not exact
  }
}

TEST(StudentT, TwoDegreesHaveAClosedForm) {
  for (const double t : {0.1, 1.0, 3.0, 40.0}) {
    const double exact = 0.5 * (1 - t / std::sqrt(2 + t * t));
    EXPECT_NEAR(student_t_upper_tail(t, 2) / exact, 1, 1e-9);
  }
}

TEST(StudentT, IsSymmetric) {
  EXPECT_DOUBLE_EQ(student_t_quantile(0.5, 7), 0);
  EXPECT_DOUBLE_EQ(student_t_quantile(0.025, 7), -student_t_quantile(0.975, 7));
  EXPECT_NEAR(student_t_upper_tail(-1.3, 4), 1 - student_t_upper_tail(1.3, 4), 1e-15);
}

TEST(StudentT, QuantileUndoesTail) {
  for (const double degrees : {1.0, 4.0, 5.0, 19.0, 1000.0}) {
    for (const double p : {0.5001, 0.9, 0.99999}) {
      EXPECT_NEAR(1 - student_t_upper_tail(student_t_quantile(p, degrees), degrees), p, 1e-12);
    }
  }
}

TEST(StudentT, InfinityHasNoTail) {
  EXPECT_EQ(student_t_two_sided(std::numeric_limits<double>::infinity(), 5), 0);
  EXPECT_EQ(student_t_upper_tail(-std::numeric_limits<double>::infinity(), 5), 1);
}

}  // namespace
}  // namespace understudy
