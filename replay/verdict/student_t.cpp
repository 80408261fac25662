#include "replay/verdict/student_t.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include "traffic/base/check.hpp"

namespace understudy {
namespace {

// The continued fraction of the incomplete beta function. Converges fast for x < (a + 1) / (a + b + 2).
[[nodiscard]] double beta_fraction(double x, double a, double b) {
  constexpr double tiny = 1e-300;
  constexpr double enough = 1e-15;
  const auto away_from_zero = [](double value) { return std::fabs(value) < tiny ? tiny : value; };
  double c = 1;
  double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int m = 1; m <= 10'000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    fraction *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    const double step = d * c;
    fraction *= step;
    if (std::fabs(step - 1) < enough) break;
  }
  return fraction;
}

// I_x(a, b), with y = 1 - x given apart, since it may be the more exact of the two.
[[nodiscard]] double regularised_beta(double x, double y, double a, double b) {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log(y));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(x, a, b) / a;
  return 1 - front * beta_fraction(y, b, a) / b;
}

[[nodiscard]] double density(double t, double degrees) {
  const double front =
      std::exp(std::lgamma((degrees + 1) / 2) - std::lgamma(degrees / 2)) / std::sqrt(degrees * std::numbers::pi);
  return front * std::pow(1 + t * t / degrees, -(degrees + 1) / 2);
}

}  // namespace

double student_t_two_sided(double t, double degrees) {
  CHECK(degrees >= 1);
  if (std::isinf(t)) return 0;
  const double square = t * t;
  return regularised_beta(degrees / (degrees + square), square / (degrees + square), degrees / 2, 0.5);
}

double student_t_upper_tail(double t, double degrees) {
  const double tail = student_t_two_sided(t, degrees) / 2;
  return t >= 0 ? tail : 1 - tail;
}

double student_t_quantile(double p, double degrees) {
  CHECK(p > 0 && p < 1);
  if (p < 0.5) return -student_t_quantile(1 - p, degrees);
  double low = 0;
  double high = 1;
  while (student_t_upper_tail(high, degrees) > 1 - p && high < std::numeric_limits<double>::max() / 4) high *= 2;
  // Newton's method, kept inside an interval that holds the root; where it leaves that, the interval is halved.
  double t = low + (high - low) / 2;
  for (int i = 0; i < 2'000; ++i) {
    const double error = student_t_upper_tail(t, degrees) - (1 - p);
    (error > 0 ? low : high) = t;
    double next = t + error / density(t, degrees);
    if (!(next > low && next < high)) next = low + (high - low) / 2;
    const bool done = std::fabs(next - t) <= 1e-15 * std::fabs(t) || high - low <= 1e-15 * high;
    t = next;
    if (done) break;
  }
  return t;
}

}  // namespace understudy
