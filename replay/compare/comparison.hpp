// Compares the exchanges of a run, one after another, and keeps the book.
//
//   Comparison comparison(CompareRules::compile(options).value());
//   comparison.add({.request = {route, number, method, target}, .expected = &recorded, .candidate = &response});
//   print(comparison.book().summary(routes));
//
// Thread safety: one thread; book().totals() may be read from any.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "replay/compare/compare_rules.hpp"
#include "replay/compare/difference_book.hpp"
#include "traffic/http/message.hpp"

namespace understudy {

// The responses to one request. Borrowed; null where there is none.
struct ComparedExchange {
  ComparedRequest request;
  const HttpMessage* expected = nullptr;  // recorded, or the baseline's
  const HttpMessage* candidate = nullptr;
  const HttpMessage* second_baseline = nullptr;
  bool has_second_baseline = false;  // there is a second baseline, whether it answered this request or not
  bool expected_complete = true;     // false: what was recorded was cut
  // Why the one above is null: "timed out", "connection reset". A few words for few causes: they make groups.
  std::string_view candidate_failure = "no response";
  std::string_view second_baseline_failure = "no response";
};

enum class CompareVerdict : std::uint8_t { equal, different, not_compared };

class Comparison {
 public:
  explicit Comparison(CompareRules rules);
  ~Comparison();
  Comparison(Comparison&&) noexcept;

  // `equal` includes what differs in noise only.
  CompareVerdict add(const ComparedExchange& exchange);
  // An exchange that was left out, for the comparison could not keep up.
  void note_dropped();
  [[nodiscard]] const DifferenceBook& book() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy
