// The values that were carried so far, and the edits that they make to requests.
//
//   CarryBook book(CarryRules::compile(texts).value());
//   book.learn(session, recorded_response, &replayed_response);      // as each response comes; null: there was none
//   HeadDraft draft(request);
//   if (book.edit(session, request, draft)) send(draft.to_message());
//
// Bounds: values_per_session_max values a session, values_in_all_max for scope=all, sessions_max sessions and
// memory_max bytes; the least recently used go first. A value is value_max bytes at most; longer ones are left alone,
// and counted. JSON bodies beyond body_max are not looked into. Values are never printed or logged.
//
// Thread safety: one thread; the totals may be read from any. Books of several threads whose requests go to one target
// share a CarriedForAll, so that scope=all reaches all sessions.
#pragma once

#include <cstddef>
#include <memory>

#include "replay/carry/carried_for_all.hpp"
#include "replay/carry/carry_rules.hpp"
#include "traffic/base/counter.hpp"
#include "traffic/http/exchange.hpp"
#include "traffic/http/head_draft.hpp"

namespace understudy {

struct CarryLimits {
  std::size_t values_per_session_max = 64;
  std::size_t values_in_all_max = 100'000;
  std::size_t sessions_max = 100'000;
  std::size_t memory_max = std::size_t{64} << 20U;
  std::size_t value_max = std::size_t{8} << 10U;
  std::size_t body_max = std::size_t{8} << 20U;
};

struct CarryTotals {
  Counter learnt;            // values with their replacement
  Counter not_learnt;        // the recorded response has the value, the replayed one failed or does not
  Counter edited_requests;   // in which something was replaced
  Counter missing_requests;  // that hold a value of the recording whose replacement was not learnt
  Counter too_long;          // values left alone for their length
  Counter evicted;           // values forgotten for a limit
};

class CarryBook {
 public:
  // Without a `for_all` it has one of its own.
  explicit CarryBook(CarryRules rules, const CarryLimits& limits = {},
                     std::shared_ptr<CarriedForAll> for_all = nullptr);
  ~CarryBook();
  CarryBook(CarryBook&&) noexcept;
  CarryBook& operator=(CarryBook&&) noexcept;

  // Notes what the rules find in the recorded response, and what stands there in the replayed one. A `replayed` of null
  // is a request that got no response. A `recorded` of null is a recording without the response: templates and redacted
  // cookies can be filled from the replayed one alone.
  void learn(SessionId session, const HttpMessage* recorded, const HttpMessage* replayed);

  // Replaces the values in `draft`, which was made from `request` and whose body was not replaced. True when something
  // changed.
  [[nodiscard]] bool edit(SessionId session, const HttpMessage& request, HeadDraft& draft);

  [[nodiscard]] bool empty() const;  // no rules: nothing to call
  [[nodiscard]] const CarryTotals& totals() const;
  // Bytes held, about; those of `for_all` included.
  [[nodiscard]] std::size_t memory() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy
