#include "traffic/base/units.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace understudy {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

TEST(ParsePercentage, ReadsWholeAndDecimalNumbers) {
  EXPECT_EQ(parse_percentage("10%").value().per_million, 100'000U);
  EXPECT_EQ(parse_percentage("0%").value().per_million, 0U);
  EXPECT_EQ(parse_percentage("100%").value().per_million, 1'000'000U);
  EXPECT_EQ(parse_percentage("0.5%").value().per_million, 5'000U);
  EXPECT_EQ(parse_percentage("33.3333%").value().per_million, 333'333U);
  EXPECT_EQ(parse_percentage(" 12.50 % ").value().per_million, 125'000U);
}

TEST(ParsePercentage, RefusesWhatIsNone) {
  for (const std::string_view text : {"", "%", "10", "101%", "100.0001%", "-1%", "1e1%", "0.00001%", ".5%", "5.%",
                                      "10%%", "10% x", "99999999999999999999%", "0.0000000000000000001%"}) {
    const auto result = parse_percentage(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, ExitCode::usage);
    EXPECT_NE(result.error().message.find("'" + std::string(text) + "' is not a percentage"), std::string::npos);
  }
}

TEST(ParseRate, ReadsEachPeriod) {
  EXPECT_EQ(parse_rate("500/s").value(), (Rate{500, std::chrono::seconds(1)}));
  EXPECT_EQ(parse_rate("30/m").value(), (Rate{30, minutes(1)}));
  EXPECT_EQ(parse_rate(" 10000 / h ").value(), (Rate{10'000, hours(1)}));
}

TEST(ParseRate, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"", "500", "500/", "/s", "0/s", "1.5/s", "500/ms", "500/d", "500 s", "-5/s", "500/s/s"}) {
    EXPECT_FALSE(parse_rate(text)) << text;
  }
}

TEST(ParseByteSize, KnowsBothFamiliesOfUnits) {
  EXPECT_EQ(parse_byte_size("4096").value(), 4096U);
  EXPECT_EQ(parse_byte_size("4096B").value(), 4096U);
  EXPECT_EQ(parse_byte_size("64MiB").value(), 64U << 20U);
  EXPECT_EQ(parse_byte_size("64mib").value(), 64U << 20U);
  EXPECT_EQ(parse_byte_size("64M").value(), 64U << 20U);
  EXPECT_EQ(parse_byte_size("64 MB").value(), 64'000'000U);
  EXPECT_EQ(parse_byte_size("1.5GiB").value(), 1'610'612'736U);
  EXPECT_EQ(parse_byte_size("15TiB").value(), std::uint64_t{15} << 40U);
  EXPECT_EQ(parse_byte_size("18446744073709551615").value(), UINT64_MAX);
}

TEST(ParseByteSize, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"", "MiB", "64MiBs", "64 Mi B", "-1", "0.3B", "16777216TiB", "18446744073709551616", "1,5MiB"}) {
    EXPECT_FALSE(parse_byte_size(text)) << text;
  }
}

TEST(ParseDuration, AddsParts) {
  EXPECT_EQ(parse_duration("250ms").value(), milliseconds(250));
  EXPECT_EQ(parse_duration("1h30m").value(), minutes(90));
  EXPECT_EQ(parse_duration("1.5s").value(), milliseconds(1500));
  EXPECT_EQ(parse_duration("2d").value(), hours(48));
  EXPECT_EQ(parse_duration("1m5s250ms").value(), milliseconds(65'250));
  EXPECT_EQ(parse_duration("7ns").value(), Nanoseconds(7));
  EXPECT_EQ(parse_duration("0").value(), Nanoseconds(0));
  EXPECT_EQ(parse_duration("0s").value(), Nanoseconds(0));
}

TEST(ParseDuration, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"", "10", "s", "30m1h", "1h1h", "1 h", "1x", "-1s", "0.5ns", "300y", "200000d", "1h30"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

}  // namespace
}  // namespace understudy
