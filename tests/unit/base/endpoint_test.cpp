#include "traffic/base/endpoint.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

TEST(IpAddress, ParsesAndPrintsBothFamilies) {
  EXPECT_EQ(IpAddress::parse("192.0.2.1")->to_string(), "192.0.2.1");
  EXPECT_EQ(IpAddress::parse("2001:DB8:0:0::1")->to_string(), "2001:db8::1");
  EXPECT_FALSE(IpAddress::parse("192.0.2").has_value());
  EXPECT_FALSE(IpAddress::parse("::g").has_value());
  EXPECT_FALSE(IpAddress::parse("").has_value());
}

TEST(Endpoint, PutsBracketsAroundIpv6) {
  EXPECT_EQ((Endpoint{*IpAddress::parse("192.0.2.1"), 80}.to_string()), "192.0.2.1:80");
  EXPECT_EQ((Endpoint{*IpAddress::parse("::1"), 8080}.to_string()), "[::1]:8080");
}

TEST(Endpoint, ParsesWhatItPrintsAndNothingElse) {
  for (const char* text : {"192.0.2.1:80", "[2001:db8::1]:8080", "0.0.0.0:0", "[::]:65535"}) {
    const auto endpoint = Endpoint::parse(text);
    ASSERT_TRUE(endpoint.has_value()) << text;
    EXPECT_EQ(endpoint->to_string(), text);
  }
  for (const char* text : {"", ":", "192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:-1", "192.0.2.1:80x",
                           "::1:80", "[192.0.2.1]:80", "[]:80", "[::1]", "a.test:80"}) {
    EXPECT_FALSE(Endpoint::parse(text).has_value()) << text;
  }
}

TEST(IpRange, ContainsByPrefix) {
  const IpRange range = *IpRange::parse("10.1.0.0/15");
  EXPECT_TRUE(range.contains(*IpAddress::parse("10.0.255.255")));
  EXPECT_TRUE(range.contains(*IpAddress::parse("10.1.0.1")));
  EXPECT_FALSE(range.contains(*IpAddress::parse("10.2.0.0")));
  EXPECT_FALSE(range.contains(*IpAddress::parse("::ffff:10.0.0.1")));
}

TEST(IpRange, ABareAddressIsARangeOfOneAndZeroIsEverything) {
  const IpRange one = *IpRange::parse("2001:db8::5");
  EXPECT_TRUE(one.contains(*IpAddress::parse("2001:db8::5")));
  EXPECT_FALSE(one.contains(*IpAddress::parse("2001:db8::6")));
  EXPECT_TRUE(IpRange::parse("0.0.0.0/0")->contains(*IpAddress::parse("203.0.113.9")));
}

TEST(IpRange, RefusesWrongLengths) {
  for (const char* text : {"10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/8x", "/8"}) {
    EXPECT_FALSE(IpRange::parse(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace understudy
