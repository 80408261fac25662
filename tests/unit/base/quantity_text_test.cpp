#include "traffic/base/quantity_text.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace understudy {
namespace {

TEST(QuantityText, CountsAreGrouped) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1'204), "1,204");
  EXPECT_EQ(count_text(std::numeric_limits<std::uint64_t>::max()), "18,446,744,073,709,551,615");
}

TEST(QuantityText, DurationsHaveThreeDigitsOrTwoParts) {
  using std::chrono::seconds;
  EXPECT_EQ(duration_text(Nanoseconds(0)), "0");
  EXPECT_EQ(duration_text(Nanoseconds(850)), "850 ns");
  EXPECT_EQ(duration_text(Nanoseconds(1'234)), "1.23 us");
  EXPECT_EQ(duration_text(Nanoseconds(999'499)), "999 us");
  EXPECT_EQ(duration_text(Nanoseconds(999'500)), "1 ms");
  EXPECT_EQ(duration_text(Nanoseconds(14'230'000)), "14.2 ms");
  EXPECT_EQ(duration_text(Nanoseconds(312'400'000)), "312 ms");
  EXPECT_EQ(duration_text(Nanoseconds(1'920'000'000)), "1.92 s");
  EXPECT_EQ(duration_text(Nanoseconds(59'960'000'000)), "1 min");
  EXPECT_EQ(duration_text(seconds(90)), "1 min 30 s");
  EXPECT_EQ(duration_text(seconds(3'600 + 300 + 59)), "1 h 5 min");
  EXPECT_EQ(duration_text(seconds(2 * 86'400 + 3 * 3'600)), "2 d 3 h");
  EXPECT_EQ(duration_text(-seconds(5)), "-5 s");
  EXPECT_EQ(duration_text(Nanoseconds::min()), "-106751 d 23 h");
}

TEST(QuantityText, RatesAndShares) {
  EXPECT_EQ(rate_text(0), "0/s");
  EXPECT_EQ(rate_text(0.25), "0.25/s");
  EXPECT_EQ(rate_text(9.5), "9.5/s");
  EXPECT_EQ(rate_text(100), "100/s");
  EXPECT_EQ(rate_text(998.52), "998.5/s");
  EXPECT_EQ(rate_text(999.97), "1,000/s");
  EXPECT_EQ(rate_text(3'333.3), "3,333.3/s");
  EXPECT_EQ(rate_text(12'345.4), "12,345/s");
  EXPECT_EQ(share_text(0), "0 %");
  EXPECT_EQ(share_text(0.0012), "0.12 %");
  EXPECT_EQ(share_text(0.000'000'12), "0.000012 %");
  EXPECT_EQ(share_text(1), "100 %");
}

TEST(QuantityText, BytesAreInPowersOf1024) {
  EXPECT_EQ(bytes_text(1'023), "1023 B");
  EXPECT_EQ(bytes_text(1'536), "1.5 KiB");
  EXPECT_EQ(bytes_text(std::uint64_t{64} << 20U), "64 MiB");
  EXPECT_EQ(bytes_text(1'023 * 1'024), "1023 KiB");
  EXPECT_EQ(bytes_text(std::numeric_limits<std::uint64_t>::max()), "16 EiB");
}

}  // namespace
}  // namespace understudy
