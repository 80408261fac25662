#include "replay/environment/retry_after.hpp"

#include <gtest/gtest.h>

#include "traffic/base/time_text.hpp"

namespace understudy {
namespace {

TEST(RetryAfterTest, ReadsSecondsAndDates) {
  using std::chrono::hours;
  using std::chrono::seconds;
  const WallTime now = *parse_rfc3339("1994-11-06T08:49:00Z");
  const std::pair<const char*, std::optional<Nanoseconds>> rows[] = {
      {"0", seconds(0)},
      {"120", seconds(120)},
      {" 7\t", seconds(7)},
      {"4000000000", hours(24)},
      {"Sun, 06 Nov 1994 08:49:37 GMT", seconds(37)},
      {"Sun, 06 Nov 1994 08:00:00 GMT", seconds(0)},
      {"Tue, 06 Nov 2018 08:49:37 GMT", hours(24)},
      {"", std::nullopt},
      {"-1", std::nullopt},
      {"1.5", std::nullopt},
      {"soon", std::nullopt},
      {"99999999999999999999", std::nullopt},
      {"Sun, 31 Feb 1994 08:49:37 GMT", std::nullopt},
      {"Sun, 06 Xxx 1994 08:49:37 GMT", std::nullopt},
      {"Sunday, 06-Nov-94 08:49:37 GMT", std::nullopt},
  };
  for (const auto& [text, expected] : rows) EXPECT_EQ(parse_retry_after(text, now), expected) << text;
}

}  // namespace
}  // namespace understudy
