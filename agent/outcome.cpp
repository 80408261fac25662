#include "agent/outcome.hpp"

namespace understudy {

ExitCode outcome_of(const LedgerReport& ledger, std::span<const Result<void>> workers) {
  for (const Result<void>& worker : workers) {
    if (!worker) return worker.error().code;
  }
  const auto lost = [](const OutputTotals& output, LossReason reason) {
    return output.totals.lost[static_cast<std::size_t>(reason)];
  };
  for (const OutputTotals& output : ledger.outputs) {
    if (lost(output, LossReason::disk_full) + lost(output, LossReason::write_failed) > 0)
      return ExitCode::output_failed;
  }
  for (const OutputTotals& output : ledger.outputs) {
    if (output.totals.delivered > 0 || output.totals.lost_total() == 0) continue;
    return lost(output, LossReason::tls_failed) > 0 ? ExitCode::tls : ExitCode::undelivered;
  }
  return ExitCode::ok;
}

}  // namespace understudy
