#include "replay/forecast/credit_forecast.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "traffic/base/time_text.hpp"

namespace understudy {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr double kib256 = 256 * 1024;

CreditForecast forecast(std::string_view volume, const DiskLoad& load, std::string_view balance = "100%") {
  return forecast_credits(*parse_ebs_volume(volume), load, *parse_percentage(balance));
}

long minutes(std::optional<Nanoseconds> time) {
  return time ? std::lround(std::chrono::duration<double, std::ratio<60>>(*time).count()) : -1;
}

struct Row {
  const char* volume;
  double read_iops;
  double write_iops;
  const char* balance;
  long minutes;  // -1: never
};

TEST(CreditForecastTest, AgreesWithTheModelToTheMinute) {
  const Row rows[] = {
      {"gp2:100GiB", 700, 0, "100%", 225},    // 5.4 million / 400: 3.75 h
      {"gp2:100GiB", 3000, 0, "100%", 33},    // 5.4 million / 2,700
      {"gp2:100GiB", 9000, 0, "100%", 33},    // no more than 3,000 are served
      {"gp2:100GiB", 500, 200, "100%", 225},  // writes take credits, too
      {"gp2:100GiB", 700, 0, "80%", 180},     // 4.32 million / 400
      {"gp2:100GiB", 700, 0, "1%", 2},        // 54,000 / 400 is 135 s
      {"gp2:100GiB", 700, 0, "0%", 0},
      {"gp2:100GiB", 300, 0, "100%", -1},  // the baseline lasts for ever
      {"gp2:100GiB", 10, 0, "0%", -1},
      {"gp2:100GiB", 301, 0, "100%", 90'000},  // one a second beyond the baseline
      {"gp2:20GiB", 3000, 0, "100%", 31},      // baseline 100
      {"gp2:1000GiB", 9000, 0, "100%", -1},    // baseline 3,000: there is no burst
      {"gp3:100GiB", 9000, 0, "100%", -1},
  };
  for (const Row& row : rows) {
    const CreditForecast result = forecast(row.volume, {row.read_iops, row.write_iops, {}, {}}, row.balance);
    EXPECT_EQ(minutes(result.earliest()), row.minutes) << row.volume << ' ' << row.read_iops << ' ' << row.balance;
    EXPECT_EQ(minutes(result.latest()), row.minutes);
    EXPECT_FALSE(result.is_range);
  }
}

TEST(CreditForecastTest, ServesTheBaselineWhenTheCreditsAreGone) {
  const CreditForecast result = forecast("gp2:100GiB", {4000, 0, {}, {}});
  EXPECT_DOUBLE_EQ(result.credits, 5'400'000);
  EXPECT_DOUBLE_EQ(result.high.served_iops, 3000);
  EXPECT_DOUBLE_EQ(result.high.share_served_after, 300.0 / 4000);
  EXPECT_DOUBLE_EQ(forecast("gp2:100GiB", {4000, 0, {}, {}}, "0%").high.served_iops, 300);
  const CreditForecast flat = forecast("gp3:100GiB", {4000, 0, {}, {}});
  EXPECT_DOUBLE_EQ(flat.high.served_iops, 3000);
  EXPECT_DOUBLE_EQ(flat.high.share_served_after, 0.75);
}

TEST(CreditForecastTest, BytesGiveARange) {
  // 600 reads that hold 400 whole operations, and writes without merging.
  const CreditForecast result = forecast("gp2:100GiB", {600, 100, 400 * kib256, 0.0});
  EXPECT_TRUE(result.is_range);
  EXPECT_DOUBLE_EQ(result.low.demand_iops, 400);
  EXPECT_DOUBLE_EQ(result.high.demand_iops, 1100);
  EXPECT_EQ(minutes(result.earliest()), 113);  // 5.4 million / 800
  EXPECT_EQ(minutes(result.latest()), 900);    // 5.4 million / 100
}

TEST(CreditForecastTest, OperationsBeyond256KiBCountAsSeveral) {
  // 100 reads of 1 MiB are 400 operations at least.
  const CreditForecast result = forecast("gp2:100GiB", {100, 0, 100 * 4 * kib256, {}});
  EXPECT_DOUBLE_EQ(result.low.demand_iops, 400);
  EXPECT_TRUE(result.is_range);  // there are no writes whose bytes could be missing
  EXPECT_FALSE(forecast("gp2:100GiB", {100, 1, 100 * 4 * kib256, {}}).is_range);
}

TEST(CreditForecastTest, TheEndMayBeOpen) {
  const CreditForecast result = forecast("gp2:100GiB", {619, 0, 68e6, {}});
  EXPECT_TRUE(result.earliest());
  EXPECT_FALSE(result.latest());  // 259 merged reads are within the baseline
  const std::string text = to_text(result, *parse_rfc3339("2026-01-02T03:04:05Z"));
  EXPECT_THAT(text, HasSubstr("credits never run out"));
  EXPECT_THAT(text, Not(HasSubstr("--read-bytes")));
}

TEST(CreditForecastTest, TellsTheTimeOfExhaustion) {
  const CreditForecast result = forecast("gp2:100GiB", {700, 0, {}, {}});
  const WallTime start = *parse_rfc3339("2026-01-02T03:04:05.9Z");
  EXPECT_EQ(
      to_text(result, start),
      "gp2 volume of 100 GiB: baseline 300 IOPS, bursts of 3,000 IOPS, 5,400,000 credits\n"
      "700 IOPS: credits run out after 3 h 45 min, at 2026-01-02T06:49:05Z; then 300 IOPS are served, 43 % of the "
      "demand\n"
      "the bytes were not given, so that there is no range: see --read-bytes, --write-bytes\n");
  EXPECT_THAT(to_json(result, start), HasSubstr(R"("seconds_to_empty":13500,"empty_at":"2026-01-02T06:49:05Z")"));
  EXPECT_THAT(to_json(forecast("gp3:1GiB", {1, 0, {}, {}}), start), HasSubstr(R"("seconds_to_empty":null)"));
}

TEST(CreditForecastTest, SaysWhatAVolumeCannotDo) {
  const WallTime start = *parse_rfc3339("2026-01-02T03:04:05Z");
  EXPECT_THAT(to_text(forecast("gp3:100GiB", {6000, 0, {}, {}}), start),
              HasSubstr("beyond what the volume does: 3,000 IOPS are served, 50 % of the demand"));
  EXPECT_THAT(to_text(forecast("gp2:100GiB", {600, 0, {}, {}}, "0%"), start), HasSubstr("there are no credits"));
}

}  // namespace
}  // namespace understudy
