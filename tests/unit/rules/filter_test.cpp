#include "traffic/rules/filter.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/support/messages.hpp"

namespace understudy {
namespace {

using test::capture_get;
using test::capture_request;

bool matches(std::string_view rule, const CapturedRequest& request) {
  const auto filter = Filter::compile({"deny", rule});
  EXPECT_TRUE(filter) << (filter ? "" : filter.error().message);
  return filter && filter->matches(request);
}

std::string refusal(std::string_view rule) {
  const auto filter = Filter::compile({"deny", rule});
  if (filter) return "accepted";
  EXPECT_EQ(filter.error().code, ExitCode::usage);
  return filter.error().message;
}

TEST(Filter, ComparesMethods) {
  const auto get = capture_get("/");
  EXPECT_TRUE(matches("method=GET", *get));
  EXPECT_FALSE(matches("method=get", *get));  // methods have case (RFC 9110 section 9.1)
  EXPECT_TRUE(matches("method=POST,GET", *get));
  EXPECT_TRUE(matches("method = POST , GET", *get));
  EXPECT_FALSE(matches("method!=GET", *get));
  EXPECT_TRUE(matches("method!=POST,PUT", *get));
  EXPECT_TRUE(matches("method=~^G", *get));
  EXPECT_FALSE(matches("method!~^G", *get));
}

TEST(Filter, ComparesPathsWithoutTheQuery) {
  const auto request = capture_get("/api/v1/users?next=/admin");
  EXPECT_TRUE(matches("path=/api/v1/users", *request));
  EXPECT_FALSE(matches("path=/api", *request));
  EXPECT_TRUE(matches("path=~^/api/", *request));
  EXPECT_TRUE(matches("path=^/api/", *request));
  EXPECT_FALSE(matches("path=~admin", *request));
  EXPECT_TRUE(matches("url=~admin", *request));
  EXPECT_TRUE(matches("url=/api/v1/users?next=/admin", *request));
  EXPECT_TRUE(matches("path!~^/admin", *request));
  const auto absolute = capture_request("GET http://production/api/x?y=1 HTTP/1.1\r\nHost: production\r\n\r\n");
  EXPECT_TRUE(matches("path=/api/x", *absolute));
  EXPECT_TRUE(matches("url=/api/x?y=1", *absolute));
  const auto options = capture_request("OPTIONS * HTTP/1.1\r\nHost: production\r\n\r\n");
  EXPECT_TRUE(matches("path=*", *options));
}

TEST(Filter, ComparesHeadersOfAnyCaseAndNumber) {
  const auto request = capture_get("/", "User-Agent: nice bot\r\nX-Tag: one\r\nx-tag: two\r\n");
  EXPECT_TRUE(matches("header:user-agent=~bot", *request));
  EXPECT_TRUE(matches("header:X-Tag=one", *request));
  EXPECT_TRUE(matches("header:X-Tag=two", *request));
  EXPECT_FALSE(matches("header:X-Tag=three", *request));
  EXPECT_FALSE(matches("header:X-Tag!=two", *request));
  EXPECT_TRUE(matches("header:X-Tag!=three", *request));
  EXPECT_TRUE(matches("header:X-Tag", *request));
  EXPECT_FALSE(matches("!header:X-Tag", *request));
  EXPECT_TRUE(matches("!header:X-Other", *request));
  EXPECT_TRUE(matches("header:X-Other!=x", *request));  // absent is not equal
  EXPECT_FALSE(matches("header:X-Other=~.*", *request));
}

TEST(Filter, ComparesDecodedParameters) {
  const auto request = capture_get("/search?q=caf%C3%A9+au+lait&tenant=42&%74wo=2&flag&q=tea");
  EXPECT_TRUE(matches("param:tenant=42", *request));
  EXPECT_FALSE(matches("param:tenant=4", *request));
  EXPECT_TRUE(matches("param:q=caf\xc3\xa9 au lait", *request));
  EXPECT_TRUE(matches("param:q=tea", *request));
  EXPECT_TRUE(matches("param:q=~^caf.. au", *request));  // bytes, not characters
  EXPECT_TRUE(matches("param:two=2", *request));
  EXPECT_TRUE(matches("param:flag", *request));
  EXPECT_TRUE(matches("param:flag=", *request));
  EXPECT_FALSE(matches("param:missing", *request));
}

TEST(Filter, ComparesCookies) {
  const auto request = capture_get("/", "Cookie: a=1; sid=xyz;b=\"q\"\r\nCookie: late=1\r\n");
  EXPECT_TRUE(matches("cookie:sid=xyz", *request));
  EXPECT_TRUE(matches("cookie:late=1", *request));
  EXPECT_FALSE(matches("cookie:SID=xyz", *request));  // cookie names have case
  EXPECT_TRUE(matches("cookie:b=~q", *request));
  EXPECT_TRUE(matches("!cookie:c", *request));
}

TEST(Filter, ComparesClients) {
  const auto request = capture_get("/");  // from 192.0.2.1
  EXPECT_TRUE(matches("client=192.0.2.1", *request));
  EXPECT_TRUE(matches("client=192.0.2.0/24", *request));
  EXPECT_FALSE(matches("client=10.0.0.0/8", *request));
  EXPECT_TRUE(matches("client=10.0.0.0/8, 192.0.0.0/8", *request));
  EXPECT_TRUE(matches("client!=10.0.0.0/8,::/0", *request));
  request->client.address = *IpAddress::parse("2001:db8::5");
  EXPECT_TRUE(matches("client=2001:db8::/32", *request));
  EXPECT_FALSE(matches("client=0.0.0.0/0", *request));
}

TEST(Filter, JoinsConditions) {
  const auto request = capture_get("/api?x=1", "Accept: this and that\r\n");
  EXPECT_TRUE(matches("method=GET and path=/api and param:x=1", *request));
  EXPECT_FALSE(matches("method=GET and path=/api and param:x=2", *request));
  EXPECT_TRUE(matches("header:Accept=\"this and that\" and method=GET", *request));
  EXPECT_TRUE(matches(R"(header:Accept=~"^this and \w+$")", *request));
}

TEST(Filter, QuotesAreUndone) {
  const auto request = capture_get("/", "X: say \"hi\" \\ now\r\nY: a\"b\r\n");
  EXPECT_TRUE(matches(R"(header:X="say \"hi\" \\ now")", *request));
  EXPECT_TRUE(matches(R"(header:Y=a"b and method=GET)", *request));  // a quote opens at the value's start only
}

TEST(Filter, MatchesAnyBytes) {
  const auto request = capture_get("/", "X: caf\xe9 \x01\xff\r\n");
  EXPECT_TRUE(matches("header:X=~^caf. ..$", *request));
  EXPECT_TRUE(matches("header:X=~\xe9", *request));
  EXPECT_TRUE(matches(R"(header:X=~\xff$)", *request));
}

TEST(Filter, TakesLinearTime) {
  // A backtracking matcher would need about 2^30 steps.
  const auto request = capture_get("/" + std::string(30, 'a'));
  EXPECT_FALSE(matches("path=~^/(a+)+$x", *request));
  EXPECT_TRUE(matches("path=~^/(a?){30}a{30}$", *request));
}

TEST(Filter, RefusalsNameTheRuleThePlaceAndTheProblem) {
  EXPECT_EQ(refusal("path=~^/a(b"),
            "deny 'path=~^/a(b': at character 7: missing ): ^/a(b (regular expressions are RE2's)");
  EXPECT_EQ(
      refusal("method=GET and path=~x[z-a]"),
      "deny 'method=GET and path=~x[z-a]': at character 24: invalid character class range: z-a (regular expressions "
      "are RE2's)");
  EXPECT_EQ(
      refusal("pth=/x"),
      "deny 'pth=/x': at character 1: expected method, path, url, client, header:NAME, param:NAME or cookie:NAME");
  EXPECT_EQ(refusal("client=10.0.0.0/33"),
            "deny 'client=10.0.0.0/33': at character 8: '10.0.0.0/33' is neither an IP address nor a range");
}

TEST(Filter, RefusesWhatCannotBeMeant) {
  EXPECT_NE(refusal("").find("expected method"), std::string::npos);
  EXPECT_NE(refusal("method").find("always present"), std::string::npos);
  EXPECT_NE(refusal("!path").find("always present"), std::string::npos);
  EXPECT_NE(refusal("header:=x").find("write header:NAME"), std::string::npos);
  EXPECT_NE(refusal("header=x").find("write header:NAME"), std::string::npos);
  EXPECT_NE(refusal("header:a b=x").find("cannot be the name"), std::string::npos);
  EXPECT_NE(refusal("path:x=/a").find("takes no name"), std::string::npos);
  EXPECT_NE(refusal("method=GET POST").find("cannot be a method"), std::string::npos);
  EXPECT_NE(refusal("client=~10").find("client takes"), std::string::npos);
  EXPECT_NE(refusal("client=somewhere").find("neither an IP address"), std::string::npos);
  EXPECT_NE(refusal("path=\"/x").find("double quotes"), std::string::npos);
  EXPECT_NE(refusal("path=\"/x\"y").find("double quotes"), std::string::npos);
  EXPECT_NE(refusal("method=GET and and path=/x").find("expected method"), std::string::npos);
  EXPECT_NE(refusal("header:X=this and that").find("put a value with ' and ' in it in double quotes"),
            std::string::npos);
  EXPECT_NE(refusal("path=~(?=x)").find("(?="), std::string::npos);  // RE2 has no lookahead
}

}  // namespace
}  // namespace understudy
