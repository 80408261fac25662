#include "traffic/base/time_text.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace understudy {
namespace {

std::optional<std::int64_t> nanoseconds_of(std::string_view text) {
  const auto time = parse_rfc3339(text);
  return time ? std::optional(time->time_since_epoch().count()) : std::nullopt;
}

TEST(TimeText, ReadsEveryForm) {
  constexpr std::int64_t base = 1'767'323'045'000'000'000;  // 2026-01-02T03:04:05Z
  EXPECT_EQ(nanoseconds_of("2026-01-02T03:04:05Z"), base);
  EXPECT_EQ(nanoseconds_of("2026-01-02t03:04:05z"), base);
  EXPECT_EQ(nanoseconds_of("2026-01-02 03:04:05Z"), base);
  EXPECT_EQ(nanoseconds_of("2026-01-02T03:04:05.000000006Z"), base + 6);
  EXPECT_EQ(nanoseconds_of("2026-01-02T03:04:05.1234567899999Z"), base + 123'456'789);
  EXPECT_EQ(nanoseconds_of("2026-01-02T03:04:05.25+01:00"), base + 250'000'000 - 3'600'000'000'000);
  EXPECT_EQ(nanoseconds_of("2026-01-02T03:04:05.25-0130"), base + 250'000'000 + 5'400'000'000'000);
  EXPECT_EQ(nanoseconds_of("1969-12-31T23:59:59.999999999Z"), -1);
  EXPECT_EQ(nanoseconds_of("2016-12-31T23:59:60Z"), nanoseconds_of("2016-12-31T23:59:59Z"));
}

TEST(TimeText, RefusesWhatIsNoTime) {
  for (const std::string_view text :
       {"", "2026", "2026-01-02", "2026-01-02T03:04:05", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-01-02T24:00:00Z", "2026-01-02T03:60:00Z", "2026-01-02T03:04:61Z", "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05Z ", "2026-01-02T03:04:05+24:00", "2026-01-02T03:04:05+1", "9999-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z", "1949-12-31T23:59:59Z", "2026-1-02T03:04:05Z", "-026-01-02T03:04:05Z"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

TEST(TimeText, ReadsWhatItWrites) {
  std::mt19937_64 generator(11);
  std::uniform_int_distribution<std::int64_t> any(-600'000'000'000'000'000, 7'200'000'000'000'000'000);
  for (int round = 0; round < 1000; ++round) {
    const WallTime time{Nanoseconds(any(generator))};
    std::string text;
    append_rfc3339(text, time);
    EXPECT_EQ(parse_rfc3339(text), time) << text;
  }
}

}  // namespace
}  // namespace understudy
