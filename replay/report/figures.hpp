// What was measured of a load: counts and histograms, as plain values that add up.
//
// The words, used everywhere in reports and objectives:
//   due        the pacer's moment for the request
//   taken up   the scheduler turned to it; taken up - due is the lateness, which is the generator's own fault
//   sent       its first byte was handed to the operating system; sent - taken up is the wait for a connection or for
//              the earlier response of its session, which is not
//   completed  its whole response has arrived; that moment - due and - sent are the two latencies
//   lost       it ended without a whole response, for a LossReason
//   error      a loss, or a response of the 5xx class
//
// Durations are in nanoseconds. Thread safety: plain values.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "traffic/base/clock.hpp"
#include "traffic/observe/histogram.hpp"
#include "traffic/observe/ledger.hpp"

namespace understudy {

// How requests ended: of all, or of one route.
struct Outcomes {
  std::uint64_t sent = 0;
  std::map<std::uint16_t, std::uint64_t> by_status;  // of whole responses; at most 900 keys
  std::array<std::uint64_t, loss_reason_count> lost{};
  // Of whole responses; a lost request has no latency, so read these together with the errors.
  HistogramSnapshot latency;          // from due: what a user would have waited
  HistogramSnapshot service_latency;  // from sent: what the target took

  [[nodiscard]] std::uint64_t completed() const;
  [[nodiscard]] std::uint64_t of_class(unsigned hundreds) const;  // 5: the responses 500 to 599
  [[nodiscard]] std::uint64_t lost_total() const;
  [[nodiscard]] std::uint64_t lost_for(LossReason reason) const { return lost[static_cast<std::size_t>(reason)]; }
  [[nodiscard]] std::uint64_t errors() const { return lost_total() + of_class(5); }
  // Requests that ended, one way or another: what shares are of.
  [[nodiscard]] std::uint64_t finished() const { return completed() + lost_total(); }

  Outcomes& operator+=(const Outcomes& other);
  // REQUIRES: `earlier` is of the same counters, at an earlier moment.
  Outcomes& operator-=(const Outcomes& earlier);
};

// What the comparison found; nothing of it is kept by time but the counts.
struct ComparisonCounts {
  std::uint64_t compared = 0;           // pairs of responses
  std::uint64_t different = 0;          // of them with any difference that counts
  std::uint64_t status_mismatches = 0;  // pairs whose status differs
  std::uint64_t header_mismatches = 0;
  std::uint64_t body_mismatches = 0;
  std::uint64_t not_comparable = 0;  // no response on one of the sides, or one that was not kept whole

  ComparisonCounts& operator+=(const ComparisonCounts& other);
  ComparisonCounts& operator-=(const ComparisonCounts& earlier);
};

// Everything that is counted while a run goes on. The engine adds up its threads' counters into one of these once a
// second; the difference of two is an interval.
struct LoadFigures {
  std::uint64_t planned = 0;  // became due
  Outcomes outcomes;
  HistogramSnapshot lateness;  // taken up - due; empty when everything is due at once
  HistogramSnapshot wait;      // sent - taken up
  std::uint64_t connections_opened = 0;
  std::uint64_t bytes_out = 0;  // HTTP, without TLS
  std::uint64_t bytes_in = 0;
  ComparisonCounts comparison;

  LoadFigures& operator+=(const LoadFigures& other);
  // REQUIRES: `earlier` is of the same counters, at an earlier moment.
  LoadFigures& operator-=(const LoadFigures& earlier);
};

}  // namespace understudy
