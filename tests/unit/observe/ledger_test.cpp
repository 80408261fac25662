#include "traffic/observe/ledger.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "traffic/observe/ledger_summary.hpp"

namespace understudy {
namespace {

LedgerReport sample_report() {
  Ledger capture;
  LedgerShard& first = capture.make_shard();
  LedgerShard& second = capture.make_shard();
  for (int i = 0; i < 100; ++i) (i % 2 == 0 ? first : second).seen();
  for (int i = 0; i < 90; ++i) first.delivered();
  for (int i = 0; i < 6; ++i) second.filtered(FilterReason::sampled_out);
  for (int i = 0; i < 3; ++i) second.lost(LossReason::gap);
  first.lost(LossReason::body_too_large);
  Ledger output;
  LedgerShard& shard = output.make_shard();
  for (int i = 0; i < 90; ++i) shard.seen();
  for (int i = 0; i < 80; ++i) shard.delivered();
  for (int i = 0; i < 10; ++i) shard.lost(LossReason::queue_full);
  LedgerReport report;
  report.capture = capture.totals();
  report.outputs.push_back({"http://shadow.example.com/a/long/prefix/path", output.totals()});
  report.elapsed = std::chrono::milliseconds(12'340);
  return report;
}

TEST(Ledger, ReasonsHaveDistinctNames) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < loss_reason_count; ++i) names.insert(to_string(static_cast<LossReason>(i)));
  for (std::size_t i = 0; i < filter_reason_count; ++i) names.insert(to_string(static_cast<FilterReason>(i)));
  EXPECT_EQ(names.size(), loss_reason_count + filter_reason_count);
  EXPECT_FALSE(names.contains("unknown"));
}

TEST(Ledger, EveryReasonIsExplainedToUsers) {
  std::ifstream file(UNDERSTUDY_SOURCE_DIR "/docs/status.md");
  std::ostringstream page;
  page << file.rdbuf();
  const auto is_explained = [&](std::string_view name) {
    return page.str().find("`" + std::string(name) + "`") != std::string::npos;
  };
  for (std::size_t i = 0; i < loss_reason_count; ++i) {
    EXPECT_TRUE(is_explained(to_string(static_cast<LossReason>(i)))) << to_string(static_cast<LossReason>(i));
  }
  for (std::size_t i = 0; i < filter_reason_count; ++i) {
    EXPECT_TRUE(is_explained(to_string(static_cast<FilterReason>(i)))) << to_string(static_cast<FilterReason>(i));
  }
}

TEST(Ledger, ShardsAddUp) {
  const LedgerReport report = sample_report();
  EXPECT_EQ(report.capture.seen, 100U);
  EXPECT_EQ(report.capture.filtered_total(), 6U);
  EXPECT_EQ(report.capture.lost_total(), 4U);
  EXPECT_EQ(report.capture.in_flight(), 0);
}

TEST(LedgerSummary, TableNamesEveryReasonOnce) {
  EXPECT_EQ(format_ledger(sample_report()),
            "ledger of 12.3 s                 requests    passed on     filtered         lost\n"
            "capture                               100           90            6            4\n"
            "    filtered: sampled_out 6\n"
            "    lost: gap 3, body_too_large 1\n"
            "http://shadow.ex...efix/path           90           80            0           10\n"
            "    lost: queue_full 10\n");
}

TEST(LedgerSummary, TableTellsWhatIsUnderWayAndWhatDoesNotAddUp) {
  LedgerReport report;
  report.capture.seen = 5;
  report.capture.delivered = 3;
  EXPECT_NE(format_ledger(report).find("still under way: 2"), std::string::npos);
  report.capture.delivered = 7;
  EXPECT_NE(format_ledger(report).find("does not add up: 2 more"), std::string::npos);
}

TEST(LedgerSummary, TableTellsLossesBelowRequests) {
  LedgerReport report;
  EXPECT_EQ(format_ledger(report).find("holes"), std::string::npos);
  report.packets_dropped_by_kernel = 17;
  EXPECT_NE(format_ledger(report).find("dropped by the kernel: 17"), std::string::npos);
}

TEST(LedgerSummary, JsonHoldsTheSameNumbers) {
  JsonWriter json;
  write_ledger_json(json, sample_report());
  EXPECT_EQ(json.take(),
            R"({"elapsed_seconds":12.34,"capture":{"seen":100,"published":90,"filtered":6,"lost":4,"in_flight":0,)"
            R"("filtered_by":{"sampled_out":6},"lost_by":{"gap":3,"body_too_large":1}},"outputs":[{"name":)"
            R"("http://shadow.example.com/a/long/prefix/path","offered":90,"delivered":80,"filtered":0,"lost":10,)"
            R"("in_flight":0,"filtered_by":{},"lost_by":{"queue_full":10}}],"stream_gaps":0,)"
            R"("packets_dropped_by_kernel":0,"packets_dropped_by_interface":0})");
}

}  // namespace
}  // namespace understudy
