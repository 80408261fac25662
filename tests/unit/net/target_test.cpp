#include "traffic/net/target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace understudy {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Target, ReadsEachPartOfAUrl) {
  const auto url = parse_target("https://User:p%40ss%3Aword@Shadow.Example.com:8443/base/path/");
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_TRUE(url->is_tls);
  EXPECT_EQ(url->host, "shadow.example.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->base_path, "/base/path");
  ASSERT_TRUE(url->credentials);
  EXPECT_EQ(url->credentials->user, "User");
  EXPECT_EQ(url->credentials->password, "p@ss:word");
}

TEST(Target, LeavesThePortOfTheSchemeOutOfHostButNotOutOfAuthority) {
  const auto http = parse_target("http://shadow");
  const auto https = parse_target("HTTPS://shadow:443/");
  const auto other = parse_target("https://shadow:80");
  EXPECT_EQ(http->host_field(), "shadow");
  EXPECT_EQ(http->authority(), "shadow:80");
  EXPECT_EQ(https->host_field(), "shadow");
  EXPECT_EQ(https->authority(), "shadow:443");
  EXPECT_EQ(https->base_path, "");
  EXPECT_EQ(other->host_field(), "shadow:80");
}

TEST(Target, PutsBracketsAroundAnIpv6Literal) {
  const auto url = parse_target("http://[2001:DB8::1]:8080/x");
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url->host, "2001:db8::1");
  EXPECT_TRUE(url->is_ipv6_literal);
  EXPECT_EQ(url->host_field(), "[2001:db8::1]:8080");
  EXPECT_EQ(url->authority(), "[2001:db8::1]:8080");
  EXPECT_EQ(url->display(), "http://[2001:db8::1]:8080/x");
  EXPECT_EQ(parse_target("http://[::1]")->host_field(), "[::1]");
}

TEST(Target, NeverPrintsTheSecret) {
  EXPECT_EQ(parse_target("http://user:secret@shadow/base")->display(), "http://shadow/base");
  for (const char* wrong :
       {"http://user:secret@", "http://user:secret@shadow:port", "ftp://user:secret@shadow",
        "http://user:sec%ret@shadow", "http://user:sec/secret@shadow:99999", "user:secret@shadow"}) {
    const auto url = parse_target(wrong);
    ASSERT_FALSE(url) << wrong;
    EXPECT_EQ(url.error().code, ExitCode::target_invalid);
    EXPECT_THAT(url.error().message, Not(HasSubstr("sec"))) << wrong;
  }
}

TEST(Target, SaysWhatIsWrong) {
  const auto message = [](const char* text) {
    const auto url = parse_target(text);
    return url ? std::string("accepted") : url.error().message;
  };
  EXPECT_THAT(message("shadow.example.com"), HasSubstr("must begin with http:// or https://"));
  EXPECT_THAT(message(""), HasSubstr("must begin with http:// or https://"));
  EXPECT_THAT(message("http://"), HasSubstr("host is missing"));
  EXPECT_THAT(message("http://sha dow"), HasSubstr("host"));
  EXPECT_THAT(message("http://shadow\r\nX: y"), HasSubstr("host"));
  EXPECT_THAT(message("http://[::1"), HasSubstr("host"));
  EXPECT_THAT(message("http://[192.0.2.1]"), HasSubstr("host"));
  EXPECT_THAT(message("http://shadow:0"), HasSubstr("port"));
  EXPECT_THAT(message("http://shadow:65536"), HasSubstr("port"));
  EXPECT_THAT(message("http://shadow:80x"), HasSubstr("port"));
  EXPECT_THAT(message("http://shadow/a?b=c"), HasSubstr("query"));
  EXPECT_THAT(message("http://shadow/a#b"), HasSubstr("fragment"));
  EXPECT_THAT(message("http://shadow?b"), HasSubstr("query"));
  EXPECT_THAT(message("http://shadow/a b"), HasSubstr("encoded"));
  EXPECT_THAT(message("http://user%4@shadow"), HasSubstr("percent-encoded"));
}

TEST(Target, EncodesBasicAuthorization) {
  // The example of RFC 7617 section 2.
  EXPECT_EQ((Credentials{"Aladdin", "open sesame"}.basic_authorization()), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ((Credentials{"", ""}.basic_authorization()), "Basic Og==");
}

TEST(Proxy, TakesHostAndPortWithAndWithoutScheme) {
  EXPECT_EQ(parse_proxy("proxy")->authority(), "proxy:3128");
  EXPECT_EQ(parse_proxy("proxy:8080")->authority(), "proxy:8080");
  EXPECT_EQ(parse_proxy("http://proxy")->authority(), "proxy:80");
  EXPECT_EQ(parse_proxy("user:word@proxy:8080")->credentials->user, "user");
  EXPECT_EQ(parse_proxy("http://proxy:3128/")->display(), "http://proxy:3128");
}

TEST(Proxy, RefusesByName) {
  EXPECT_THAT(parse_proxy("https://proxy").error().message, HasSubstr("TLS is not supported"));
  EXPECT_THAT(parse_proxy("socks5h://proxy").error().message, HasSubstr("SOCKS"));
  EXPECT_THAT(parse_proxy("ftp://proxy").error().message, HasSubstr("http://"));
  EXPECT_THAT(parse_proxy("http://proxy/path").error().message, HasSubstr("no path"));
  EXPECT_EQ(parse_proxy("socks5h://proxy").error().code, ExitCode::target_invalid);
}

}  // namespace
}  // namespace understudy
