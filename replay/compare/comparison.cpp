#include "replay/compare/comparison.hpp"

#include <utility>

#include "replay/compare/comparator.hpp"
#include "replay/compare/shown_value.hpp"

namespace understudy {
namespace {

void note_no_response(std::string_view failure, Differences& differences) {
  differences.clear();
  differences.outcome_only = true;
  differences.add({DifferenceKind::no_response, shown_text(failure), "a response", shown_text(failure), 0});
}

}  // namespace

class Comparison::Impl {
 public:
  explicit Impl(CompareRules rules) : rules_(std::move(rules)), of_candidate_(rules_), of_second_(rules_) {}

  CompareVerdict add(const ComparedExchange& exchange) {
    if (exchange.expected == nullptr || !exchange.expected_complete) {
      book.note_not_compared(exchange.expected == nullptr ? NotCompared::no_expected
                                                          : NotCompared::incomplete_expected);
      return CompareVerdict::not_compared;
    }
    const HttpMessage& expected = *exchange.expected;
    const bool lacks_body =
        !expected.body().is_kept() || (exchange.candidate != nullptr && !exchange.candidate->body().is_kept());
    if (rules_.compares_body() && lacks_body) book.note_body_not_kept();
    const Differences& candidate =
        differences(of_candidate_, expected, exchange.candidate, exchange.candidate_failure, no_candidate_);
    const Differences* second = nullptr;
    if (exchange.has_second_baseline) {
      second =
          &differences(of_second_, expected, exchange.second_baseline, exchange.second_baseline_failure, no_second_);
    }
    return book.add(exchange.request, candidate, second) ? CompareVerdict::equal : CompareVerdict::different;
  }

  DifferenceBook book;

 private:
  static const Differences& differences(Comparator& comparator, const HttpMessage& expected, const HttpMessage* actual,
                                        std::string_view failure, Differences& none) {
    if (actual != nullptr) return comparator.compare(expected, *actual);
    note_no_response(failure, none);
    return none;
  }

  const CompareRules rules_;
  Comparator of_candidate_;
  Comparator of_second_;
  Differences no_candidate_;
  Differences no_second_;
};

Comparison::Comparison(CompareRules rules) : impl_(std::make_unique<Impl>(std::move(rules))) {}
Comparison::~Comparison() = default;
Comparison::Comparison(Comparison&&) noexcept = default;

CompareVerdict Comparison::add(const ComparedExchange& exchange) { return impl_->add(exchange); }
void Comparison::note_dropped() { impl_->book.note_not_compared(NotCompared::dropped); }
const DifferenceBook& Comparison::book() const { return impl_->book; }

}  // namespace understudy
