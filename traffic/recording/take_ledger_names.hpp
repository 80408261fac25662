// The names under which a ledger's numbers stand in a recording: "capture.seen", "capture.lost.gap",
// "recording.lost.disk_full", "packets_dropped". The reasons' names are those of metrics, which never change.
#pragma once

#include <string>

#include "traffic/recording/take_record.hpp"

namespace understudy {

// Calls visit(name, number) for each number of one side. `Totals` is LedgerTotals, const or not.
template <typename Totals, typename Visit>
void for_each_take_total(std::string_view side, Totals& totals, Visit visit) {
  const std::string prefix(side);
  visit(prefix + ".seen", totals.seen);
  visit(prefix + ".delivered", totals.delivered);
  for (std::size_t i = 0; i < totals.filtered.size(); ++i) {
    visit(prefix + ".filtered." + std::string(to_string(static_cast<FilterReason>(i))), totals.filtered[i]);
  }
  for (std::size_t i = 0; i < totals.lost.size(); ++i) {
    visit(prefix + ".lost." + std::string(to_string(static_cast<LossReason>(i))), totals.lost[i]);
  }
}

// The same for all of a ledger, const or not.
template <typename Ledger, typename Visit>
void for_each_take_number(Ledger& ledger, Visit visit) {
  for_each_take_total("capture", ledger.capture, visit);
  for_each_take_total("recording", ledger.recording, visit);
  visit(std::string("packets_dropped"), ledger.packets_dropped);
  visit(std::string("stream_gaps"), ledger.stream_gaps);
}

}  // namespace understudy
