#include "traffic/rules/rewrite.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/support/messages.hpp"

namespace understudy {
namespace {

using test::capture_get;
using test::capture_request;

std::string head_after(const RuleOptions& options, const CapturedRequest& request) {
  const auto edits = Edits::compile(options);
  EXPECT_TRUE(edits) << (edits ? "" : edits.error().message);
  HeadDraft draft(request.message);
  edits->apply(draft);
  return std::string(draft.to_message().raw_head());
}

std::string target_after(const RuleOptions& options, std::string_view target) {
  const auto request = capture_get(target);
  const auto edits = Edits::compile(options);
  EXPECT_TRUE(edits) << (edits ? "" : edits.error().message);
  HeadDraft draft(request->message);
  edits->apply(draft);
  return std::string(draft.target());
}

std::string rewritten(std::string_view rule, std::string_view target) {
  RuleOptions options;
  options.rewrite_url.emplace_back(rule);
  return target_after(options, target);
}

std::string refusal(const RuleOptions& options) {
  const auto edits = Edits::compile(options);
  if (edits) return "accepted";
  EXPECT_EQ(edits.error().code, ExitCode::usage);
  return edits.error().message;
}

TEST(RewriteUrl, ReplacesTheFirstMatchWithCaptures) {
  EXPECT_EQ(rewritten(R"(^/v1/(\w+)/(\d+) => /v2/\2/\1)", "/v1/users/7?x=1"), "/v2/7/users?x=1");
  EXPECT_EQ(rewritten(R"(s#^/v1/(.*)#/v2/\1#)", "/v1/users?x=1"), "/v2/users?x=1");
  EXPECT_EQ(rewritten("s,a,b,", "/aaa"), "/baa");
  EXPECT_EQ(rewritten("s,a,b,g", "/aaa"), "/bbb");
  EXPECT_EQ(rewritten(R"(x => [\0])", "/x"), "/[x]");
  EXPECT_EQ(rewritten("^/nothing => /else", "/v1"), "/v1");
  EXPECT_EQ(rewritten("s/foo => /bar", "/s/foo"), "//bar");  // an arrow wins over s/.../
}

TEST(RewriteUrl, SeesPathAndQueryTogether) {
  EXPECT_EQ(rewritten(R"(^/old\?id=(\d+) => /new/\1?legacy=1)", "/old?id=12&b=2"), "/new/12?legacy=1&b=2");
}

TEST(RewriteUrl, AResultAlwaysBeginsWithASlash) {
  EXPECT_EQ(rewritten(R"(^/strip/(.*) => \1)", "/strip/me"), "/me");
  EXPECT_EQ(rewritten("^.*$ => http://elsewhere/", "/a"), "/http://elsewhere/");
}

TEST(RewriteUrl, KeepsTheHostOfAbsoluteForm) {
  EXPECT_EQ(rewritten("^/a => /b", "http://production:81/a?c"), "http://production:81/b?c");
}

TEST(RewriteUrl, LeavesAsteriskAndAuthorityFormAlone) {
  RuleOptions options;
  options.rewrite_url = {".* => /x"};
  options.set_param = {"a=b"};
  const auto asterisk = capture_request("OPTIONS * HTTP/1.1\r\nHost: production\r\n\r\n");
  EXPECT_EQ(head_after(options, *asterisk), "OPTIONS * HTTP/1.1\r\nHost: production\r\n\r\n");
}

TEST(RewriteUrl, RulesFollowOneAnother) {
  RuleOptions options;
  options.rewrite_url = {"^/a => /b", "^/b => /c"};
  EXPECT_EQ(target_after(options, "/a"), "/c");
}

TEST(RewriteUrl, Refusals) {
  const auto with = [](std::string rule) {
    RuleOptions options;
    options.rewrite_url = {std::move(rule)};
    return refusal(options);
  };
  EXPECT_EQ(with("no arrow"),
            "rewrite-url 'no arrow': at character 1: write REGEX => REPLACEMENT, or s#REGEX#REPLACEMENT#");
  EXPECT_NE(with("s#a#b").find("write REGEX"), std::string::npos);
  EXPECT_NE(with("s#a#b#x").find("write REGEX"), std::string::npos);
  EXPECT_NE(with(" => /x").find("is empty"), std::string::npos);
  EXPECT_NE(with("( => /x").find("missing )"), std::string::npos);
  EXPECT_NE(with(R"(a => \1)").find("1"), std::string::npos);  // there is no group 1
  EXPECT_NE(with(R"(a => \)").find("Rewrite"), std::string::npos);
  EXPECT_NE(with("a => b c").find("no white space"), std::string::npos);
}

TEST(SetParameter, ReplacesTheFirstRemovesOthersOrAppends) {
  const auto set = [](std::string url, std::string_view name, std::string_view value) {
    set_parameter(url, name, value);
    return url;
  };
  EXPECT_EQ(set("/a", "x", "1"), "/a?x=1");
  EXPECT_EQ(set("/a?", "x", "1"), "/a?x=1");
  EXPECT_EQ(set("/a?b=2", "x", "1"), "/a?b=2&x=1");
  EXPECT_EQ(set("/a?x=0&b=2&x=3", "x", "1"), "/a?x=1&b=2");
  EXPECT_EQ(set("/a?b=%20&%78=9", "x", "1"), "/a?b=%20&x=1");
  EXPECT_EQ(set("/a", "a b", "c&d=\xc3\xa9"), "/a?a%20b=c%26d%3D%C3%A9");
}

TEST(RemoveParameter, RemovesEveryOneOfThatName) {
  const auto remove = [](std::string url, std::string_view name) {
    remove_parameter(url, name);
    return url;
  };
  EXPECT_EQ(remove("/a?x=0&b=%2f&x", "x"), "/a?b=%2f");
  EXPECT_EQ(remove("/a?x=0", "x"), "/a");
  EXPECT_EQ(remove("/a?b&&c", "x"), "/a?b&&c");
  EXPECT_EQ(remove("/a", "x"), "/a");
}

TEST(HeaderEdits, SetRemoveAndRewrite) {
  RuleOptions options;
  options.remove_header = {"cookie", "X-None"};
  options.rewrite_header = {R"(Referer: ^https://[^/]+(.*) => https://shadow\1)", "X-Tag: a => b"};
  options.set_header = {"X-Stage: rehearsal", "accept:  */* ", "X-Empty:"};
  const auto request = capture_get(
      "/",
      "Cookie: a=1\r\nReferer: https://production/x\r\nACCEPT: text/html\r\ncookie: b=2\r\nX-Tag: aa\r\nx-tag: c\r\n");
  EXPECT_EQ(
      head_after(options, *request),
      "GET / HTTP/1.1\r\nHost: production\r\nReferer: https://shadow/x\r\nACCEPT: */*\r\nX-Tag: ba\r\nx-tag: c\r\n"
      "X-Stage: rehearsal\r\nX-Empty: \r\n\r\n");
}

TEST(HeaderEdits, NoEditNoDraft) {
  RuleOptions options;
  options.rewrite_header = {"X-Tag: a => b"};
  options.rewrite_url = {"^/x => /y"};
  options.remove_param = {"q"};
  const auto edits = Edits::compile(options).value();
  const auto request = capture_get("/", "X-Tag: c\r\n");
  HeadDraft draft(request->message);
  edits.apply(draft);
  EXPECT_FALSE(draft.edited());
}

TEST(HeaderEdits, ACapturedValueCannotAddALine) {
  RuleOptions options;
  options.rewrite_header = {R"(X-Out: (.*) => \1\1)"};
  const auto request = capture_get("/", "X-Out: a\x0b\x01\r\n");
  const std::string head = head_after(options, *request);
  EXPECT_EQ(std::count(head.begin(), head.end(), '\n'), 4);
}

TEST(HeaderEdits, Refusals) {
  const auto with_set = [](std::string rule) {
    RuleOptions options;
    options.set_header = {std::move(rule)};
    return refusal(options);
  };
  EXPECT_NE(with_set("X-Stage rehearsal").find("write 'NAME: VALUE'"), std::string::npos);
  EXPECT_NE(with_set("X Stage: a").find("cannot be a header's name"), std::string::npos);
  EXPECT_NE(with_set(": a").find("cannot be a header's name"), std::string::npos);
  EXPECT_NE(with_set("X: a\r\nY: b").find("control characters"), std::string::npos);
  EXPECT_NE(with_set("content-length: 3").find("belongs to the framing"), std::string::npos);
  RuleOptions options;
  options.remove_header = {"Transfer-Encoding"};
  EXPECT_NE(refusal(options).find("belongs to the framing"), std::string::npos);
  options = {};
  options.rewrite_header = {"X: a"};
  EXPECT_NE(refusal(options).find("write REGEX"), std::string::npos);
  options = {};
  options.set_param = {"novalue"};
  EXPECT_NE(refusal(options).find("NAME=VALUE"), std::string::npos);
  options = {};
  options.remove_param = {""};
  EXPECT_NE(refusal(options).find("parameter's name"), std::string::npos);
}

}  // namespace
}  // namespace understudy
