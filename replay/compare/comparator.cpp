#include "replay/compare/comparator.hpp"

#include <fmt/format.h>

#include <utility>

#include "replay/compare/body_comparison.hpp"
#include "replay/compare/header_comparison.hpp"
#include "traffic/base/check.hpp"

namespace understudy {

class Comparator::Impl {
 public:
  explicit Impl(const CompareRules& rules) : rules_(rules), bodies_(rules) {}

  const Differences& compare(const HttpMessage& expected, const HttpMessage& actual) {
    CHECK(!expected.is_request() && !actual.is_request());
    differences_.clear();
    if (rules_.compares_status() && expected.status() != actual.status()) {
      note_status(expected.status(), actual.status());
      differences_.outcome_only = expected.status() / 100 != actual.status() / 100;
      if (differences_.outcome_only) return differences_;
    }
    if (rules_.compares_headers()) compare_headers(rules_, expected, actual, differences_);
    if (rules_.compares_body() && expected.body().is_kept() && actual.body().is_kept()) {
      bodies_.compare(expected, actual, differences_);
    }
    return differences_;
  }

 private:
  void note_status(int expected, int actual) {
    differences_.add({DifferenceKind::status, fmt::format("{} -> {}", expected, actual), fmt::format("{}", expected),
                      fmt::format("{}", actual), 0});
  }

  const CompareRules& rules_;
  BodyComparison bodies_;
  Differences differences_;
};

Comparator::Comparator(const CompareRules& rules) : impl_(std::make_unique<Impl>(rules)) {}
Comparator::~Comparator() = default;
Comparator::Comparator(Comparator&&) noexcept = default;

const Differences& Comparator::compare(const HttpMessage& expected, const HttpMessage& actual) {
  return impl_->compare(expected, actual);
}

}  // namespace understudy
