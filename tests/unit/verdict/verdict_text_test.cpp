#include "replay/verdict/verdict_text.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

TEST(VerdictText, FiguresHaveThreeDigits) {
  EXPECT_EQ(figure_text(0), "0");
  EXPECT_EQ(figure_text(0.00369), "0.00369");
  EXPECT_EQ(figure_text(0.041), "0.041");
  EXPECT_EQ(figure_text(1.1), "1.1");
  EXPECT_EQ(figure_text(1.324), "1.32");
  EXPECT_EQ(figure_text(25.36), "25.4");
  EXPECT_EQ(figure_text(619.4), "619");
  EXPECT_EQ(figure_text(8567), "8,567");
  EXPECT_EQ(figure_text(-3), "-3");
  EXPECT_EQ(figure_text(1e300), "very many");
}

TEST(VerdictText, UnitsFollowTheMetric) {
  EXPECT_EQ(metric_text(metric_info(Metric::device_reads), 619.2), "619 a second");
  EXPECT_EQ(metric_text(metric_info(Metric::latency_p95), 14.2), "14.2 ms");
  EXPECT_EQ(metric_text(metric_info(Metric::device_read_bytes), 68.0 * 1024 * 1024), "68 MiB a second");
  EXPECT_EQ(metric_text(metric_info(Metric::database_time), 12), "12 ms a second");
  EXPECT_EQ(metric_text(metric_info(Metric::errors), 0.0012), "0.12 %");
}

TEST(VerdictText, ChangesSayTheirDirection) {
  EXPECT_EQ(change_text(0.041), "fell by 95.9 %");
  EXPECT_EQ(change_text(1.12), "rose by 12 %");
  EXPECT_EQ(change_text(6.1), "rose to 6.1 times");
}

TEST(Metrics, EveryOneIsFoundByItsKey) {
  for (const MetricInfo& info : all_metrics()) {
    EXPECT_EQ(find_metric(info.key), info.metric);
    EXPECT_EQ(&metric_info(info.metric), &info);
    EXPECT_FALSE(info.worth.empty());
  }
  EXPECT_EQ(find_metric("beauty"), std::nullopt);
}

}  // namespace
}  // namespace understudy
