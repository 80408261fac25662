#include "agent/outcome.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace understudy {
namespace {

OutputTotals output(std::uint64_t delivered, LossReason reason = LossReason::gap, std::uint64_t lost = 0) {
  OutputTotals output;
  output.totals.seen = delivered + lost;
  output.totals.delivered = delivered;
  output.totals.lost[static_cast<std::size_t>(reason)] = lost;
  return output;
}

ExitCode of(std::vector<OutputTotals> outputs, std::vector<Result<void>> workers = {Result<void>{}}) {
  LedgerReport ledger;
  ledger.outputs = std::move(outputs);
  return outcome_of(ledger, workers);
}

TEST(Outcome, IsOkWithoutOutputsWithoutTrafficAndWithSomeLoss) {
  EXPECT_EQ(of({}), ExitCode::ok);
  EXPECT_EQ(of({output(0)}), ExitCode::ok);
  EXPECT_EQ(of({output(5, LossReason::timed_out, 3)}), ExitCode::ok);
}

TEST(Outcome, NamesWhyNothingWasDelivered) {
  EXPECT_EQ(of({output(0, LossReason::tls_failed, 2)}), ExitCode::tls);
  EXPECT_EQ(of({output(0, LossReason::connect_failed, 2)}), ExitCode::undelivered);
  EXPECT_EQ(of({output(7), output(0, LossReason::connect_failed, 7)}), ExitCode::undelivered);
}

TEST(Outcome, ARecordingWithHolesFailsWhateverTheShadowGot) {
  EXPECT_EQ(of({output(0, LossReason::tls_failed, 2), output(9, LossReason::disk_full, 1)}), ExitCode::output_failed);
}

TEST(Outcome, AFailedWorkerComesFirst) {
  EXPECT_EQ(of({output(0, LossReason::tls_failed, 2)}, {Result<void>{}, fail(ExitCode::capture_damaged, "cut")}),
            ExitCode::capture_damaged);
}

}  // namespace
}  // namespace understudy
