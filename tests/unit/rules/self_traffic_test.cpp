#include "traffic/rules/self_traffic.hpp"

#include <gtest/gtest.h>

#include <set>

#include "traffic/http/head_parser.hpp"

namespace understudy {
namespace {

HttpMessage request(const std::string& fields) {
  HeadParser parser;
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
  EXPECT_EQ(parser.parse(MessageKind::request, head).status, HeadParser::Status::complete);
  HttpMessage message;
  parser.copy_to(message);
  return message;
}

TEST(SelfTraffic, AnyMarkerIsOwnWhateverItsValueAndCase) {
  EXPECT_TRUE(is_own(request("Understudy-Mirrored: 0123456789abcdef\r\n")));
  EXPECT_TRUE(is_own(request("understudy-mirrored: of another agent\r\n")));
  EXPECT_TRUE(is_own(request("Accept: */*\r\nUNDERSTUDY-MIRRORED:\r\n")));
}

TEST(SelfTraffic, OtherRequestsAreNot) {
  EXPECT_FALSE(is_own(request("")));
  EXPECT_FALSE(is_own(request("X-Understudy-Mirrored: 1\r\nUnderstudy: 1\r\nUnderstudy-Mirrored-By: 1\r\n")));
  EXPECT_FALSE(is_own(request("X-Note: Understudy-Mirrored: 1\r\n")));
}

TEST(SelfTraffic, InstanceIdsAreSixteenDigitsAndDiffer) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = make_instance_id();
    EXPECT_EQ(id.size(), 16U);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
    ids.insert(id);
  }
  EXPECT_EQ(ids.size(), 1000U);
}

}  // namespace
}  // namespace understudy
