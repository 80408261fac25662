#include "traffic/observe/metrics.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <limits>
#include <string>

namespace understudy {
namespace {

// Gives `text` to the real `promtool check metrics`; its exit code.
int promtool_verdict(const std::string& text) {
  FILE* const pipe = ::popen("promtool check metrics", "w");
  if (pipe == nullptr) return -1;
  std::fwrite(text.data(), 1, text.size(), pipe);
  return WEXITSTATUS(::pclose(pipe));
}

TEST(MetricsText, FamiliesSamplesAndLabels) {
  MetricsText text;
  text.family("understudy_queue_requests", MetricType::gauge, "Waiting.");
  text.sample({}, std::uint64_t{3});
  text.sample({{"output", "a"}, {"kind", "b"}}, 0.5);
  EXPECT_EQ(text.take(),
            "# HELP understudy_queue_requests Waiting.\n"
            "# TYPE understudy_queue_requests gauge\n"
            "understudy_queue_requests 3\n"
            "understudy_queue_requests{output=\"a\",kind=\"b\"} 0.5\n");
  EXPECT_EQ(text.take(), "");
}

TEST(MetricsText, LabelValuesAndHelpAreEscaped) {
  MetricsText text;
  text.family("x_total", MetricType::counter, "back\\slash\nline \"quoted\"");
  text.sample({{"v", "a\"b\\c\nd"}}, std::uint64_t{1});
  EXPECT_EQ(text.take(),
            "# HELP x_total back\\\\slash\\nline \"quoted\"\n"
            "# TYPE x_total counter\n"
            "x_total{v=\"a\\\"b\\\\c\\nd\"} 1\n");
}

TEST(MetricsText, NumbersThatAreNone) {
  MetricsText text;
  text.family("x", MetricType::gauge, "h");
  text.sample({}, std::numeric_limits<double>::infinity());
  text.sample({}, std::numeric_limits<double>::quiet_NaN());
  EXPECT_NE(text.take().find("x +Inf\nx NaN\n"), std::string::npos);
}

TEST(MetricsText, HistogramsAreCumulativeAndInSeconds) {
  Histogram delay(Histogram::one_hour_ns);
  for (const std::uint64_t ms : {1U, 2U, 30U, 4000U, 90'000U}) delay.record(ms * 1'000'000);
  MetricsText text;
  text.family("d_seconds", MetricType::histogram, "h");
  const double bounds[] = {0.0015, 0.05, 60.0};
  text.histogram({{"output", "a"}}, delay.snapshot(), bounds);
  EXPECT_EQ(text.take(),
            "# HELP d_seconds h\n# TYPE d_seconds histogram\n"
            "d_seconds_bucket{output=\"a\",le=\"0.0015\"} 1\n"
            "d_seconds_bucket{output=\"a\",le=\"0.05\"} 3\n"
            "d_seconds_bucket{output=\"a\",le=\"60\"} 4\n"
            "d_seconds_bucket{output=\"a\",le=\"+Inf\"} 5\n"
            "d_seconds_sum{output=\"a\"} 94.033\n"
            "d_seconds_count{output=\"a\"} 5\n");
}

TEST(MetricsText, PromtoolAcceptsEverything) {
  LedgerReport report;
  report.capture.seen = 12;
  report.outputs.push_back({"http://a/\"odd\"\\name\n", {}});
  report.outputs.push_back({"out.jsonl", {}});
  Histogram delay(Histogram::one_hour_ns);
  delay.record(1'234'567);
  MetricsText text;
  write_ledger_metrics(text, report);
  text.family("understudy_output_delay_seconds", MetricType::histogram, "From the wire to the shadow.");
  text.histogram({{"output", "a"}}, delay.snapshot(), delay_buckets_s());
  text.family("understudy_resident_memory_bytes", MetricType::gauge, "Memory.");
  text.sample({}, 1e9);
  EXPECT_EQ(promtool_verdict(text.take()), 0);
}

TEST(MetricsText, PromtoolWouldRefuseABrokenText) {
  EXPECT_NE(promtool_verdict("x{a=\"b} 1\n"), 0);
  EXPECT_NE(promtool_verdict("# HELP x h\n# TYPE x counter\nx 1\n"), 0);  // a counter without _total
}

TEST(LedgerMetrics, EveryReasonIsThereFromTheStart) {
  LedgerReport report;
  report.outputs.push_back({"http://a", {}});
  MetricsText text;
  write_ledger_metrics(text, report);
  const std::string all = text.take();
  for (std::size_t i = 0; i < loss_reason_count; ++i) {
    const std::string reason(to_string(static_cast<LossReason>(i)));
    EXPECT_NE(all.find("understudy_requests_lost_total{reason=\"" + reason + "\"} 0\n"), std::string::npos);
    EXPECT_NE(all.find("understudy_output_requests_lost_total{output=\"http://a\",reason=\"" + reason + "\"} 0\n"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace understudy
