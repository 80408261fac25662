// The loss ledger as people and programs read it: a short table at the end, and the same as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/json_text.hpp"
#include "traffic/observe/ledger.hpp"

namespace understudy {

// One output's side: of a shadow or a recording.
struct OutputTotals {
  std::string name;  // Sink::name(): a URL without secrets, or a file
  LedgerTotals totals;
};

// All that is told of requests, as plain values.
struct LedgerReport {
  LedgerTotals capture;
  std::vector<OutputTotals> outputs;
  // Losses below the level of requests. It is not known how many requests each one touched.
  std::uint64_t stream_gaps = 0;  // holes in TCP streams
  std::uint64_t packets_dropped_by_kernel = 0;
  std::uint64_t packets_dropped_by_interface = 0;
  Nanoseconds elapsed{};
};

// A table of a few lines, for the end of a run: what was seen, and for each output what was delivered, filtered and
// lost, with the reasons that are not zero. Says so when a ledger does not add up. Ends with a line end.
[[nodiscard]] std::string format_ledger(const LedgerReport& report);

// The same as one JSON object: {"elapsed_seconds", "capture": {"seen", "published", "filtered", "lost", "in_flight",
// "filtered_by": {...}, "lost_by": {...}}, "outputs": [{"name", "offered", "delivered", ...}], "stream_gaps", ...}.
// Reasons that are zero are left out.
void write_ledger_json(JsonWriter& json, const LedgerReport& report);

}  // namespace understudy
