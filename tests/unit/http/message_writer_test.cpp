#include "traffic/http/message_writer.hpp"

#include <gtest/gtest.h>

#include "tests/unit/http/reader_harness.hpp"

namespace understudy {
namespace {

HttpMessage request(std::string_view bytes) {
  ReaderHarness harness(MessageKind::request);
  harness.feed(bytes);
  EXPECT_EQ(harness.handler.messages.size(), 1U);
  return std::move(harness.handler.messages.at(0));
}

std::string written(std::string_view bytes, const ForwardingRules& rules = {}, std::string_view extra = {}) {
  std::string out;
  write_request_head(request(bytes), rules, extra, out);
  return out;
}

TEST(MessageWriter, LeavesTheBytesAlone) {
  constexpr std::string_view head =
      "GET /%7e/a//b/../c?x=%20+ HTTP/1.1\r\nhOST:  x \r\nCookie: a=b\r\ncookie: c\r\nConnection: keep-alive\r\n"
      "TE: trailers\r\nKeep-Alive: 5\r\nX-Bare: 1\nExpect: other\r\n\r\n";
  EXPECT_EQ(written(head), head);
}

TEST(MessageWriter, HostIsReplacedInPlace) {
  EXPECT_EQ(written("GET / HTTP/1.1\r\nA: 1\r\nhost:  old:80 \r\nB: 2\r\n\r\n", {.host = "new", .base_path = {}}),
            "GET / HTTP/1.1\r\nA: 1\r\nhost:  new \r\nB: 2\r\n\r\n");
  EXPECT_EQ(written("GET / HTTP/1.1\r\nHost:\r\n\r\n", {.host = "new", .base_path = {}}),
            "GET / HTTP/1.1\r\nHost:new\r\n\r\n");
  EXPECT_EQ(written("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nHost: b\r\n\r\n", {.host = "new", .base_path = {}}),
            "GET / HTTP/1.1\r\nHost: new\r\nX: 1\r\n\r\n");
}

TEST(MessageWriter, AMissingHostIsAdded) {
  EXPECT_EQ(written("GET / HTTP/1.0\r\n\r\n", {.host = "new", .base_path = {}}), "GET / HTTP/1.0\r\nHost: new\r\n\r\n");
  EXPECT_EQ(written("GET / HTTP/1.0\r\n\r\n"), "GET / HTTP/1.0\r\n\r\n");
}

TEST(MessageWriter, BasePathIsPutInFront) {
  const ForwardingRules rules{.host = {}, .base_path = "/base"};
  EXPECT_EQ(written("GET /a?b HTTP/1.1\r\n\r\n", rules), "GET /base/a?b HTTP/1.1\r\n\r\n");
  EXPECT_EQ(written("OPTIONS * HTTP/1.1\r\n\r\n", rules), "OPTIONS * HTTP/1.1\r\n\r\n");
  EXPECT_EQ(written("GET  /a   HTTP/1.1\r\n\r\n", rules), "GET  /base/a   HTTP/1.1\r\n\r\n");
}

TEST(MessageWriter, AbsoluteFormBecomesOriginForm) {
  EXPECT_EQ(written("GET http://u:p@h:81/a?b HTTP/1.1\r\nHost: wrong\r\n\r\n"),
            "GET /a?b HTTP/1.1\r\nHost: h:81\r\n\r\n");
  EXPECT_EQ(written("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n", {.host = "new", .base_path = "/base"}),
            "GET /base/ HTTP/1.1\r\nHost: new\r\n\r\n");
  EXPECT_EQ(written("GET http://h?x HTTP/1.1\r\n\r\n"), "GET /?x HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(written("OPTIONS http://h HTTP/1.1\r\n\r\n"), "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(written("GET /r?u=http://h/ HTTP/1.1\r\n\r\n"), "GET /r?u=http://h/ HTTP/1.1\r\n\r\n");
}

TEST(MessageWriter, ExpectContinueGoes) {
  EXPECT_EQ(written("POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\nx"),
            "POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n");
}

TEST(MessageWriter, ConnectionOptions) {
  const auto with = [](const std::string& value, bool keep_upgrade = false) {
    return written("GET / HTTP/1.1\r\nConnection: " + value + "\r\nA: b\r\n\r\n",
                   {.host = {}, .base_path = {}, .keep_upgrade = keep_upgrade});
  };
  EXPECT_EQ(with("close"), "GET / HTTP/1.1\r\nA: b\r\n\r\n");
  EXPECT_EQ(with("CLOSE, TE"), "GET / HTTP/1.1\r\nConnection: TE\r\nA: b\r\n\r\n");
  EXPECT_EQ(with("a,close,b"), "GET / HTTP/1.1\r\nConnection: a, b\r\nA: b\r\n\r\n");
  EXPECT_EQ(with("keep-alive, Upgrade"), "GET / HTTP/1.1\r\nConnection: keep-alive\r\nA: b\r\n\r\n");
  EXPECT_EQ(with("Upgrade, HTTP2-Settings"), "GET / HTTP/1.1\r\nA: b\r\n\r\n");
  EXPECT_EQ(with("Upgrade", true), "GET / HTTP/1.1\r\nConnection: Upgrade\r\nA: b\r\n\r\n");
  EXPECT_EQ(with("a,b"), "GET / HTTP/1.1\r\nConnection: a,b\r\nA: b\r\n\r\n");
}

TEST(MessageWriter, UpgradeGoesUnlessKept) {
  constexpr std::string_view head =
      "GET / HTTP/1.1\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\nProxy-Connection: close\r\nA: b\r\n\r\n";
  EXPECT_EQ(written(head), "GET / HTTP/1.1\r\nA: b\r\n\r\n");
  EXPECT_EQ(written(head, {.host = {}, .base_path = {}, .keep_upgrade = true}),
            "GET / HTTP/1.1\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\nA: b\r\n\r\n");
}

TEST(MessageWriter, ExtraFieldsStandAtTheEnd) {
  EXPECT_EQ(written("GET / HTTP/1.1\r\nA: b\r\n\r\n", {}, "X-Mark: 1\r\nX-Forwarded-For: ::1\r\n"),
            "GET / HTTP/1.1\r\nA: b\r\nX-Mark: 1\r\nX-Forwarded-For: ::1\r\n\r\n");
  EXPECT_EQ(written("GET / HTTP/1.1\n\n", {}, "X: 1\r\n"), "GET / HTTP/1.1\nX: 1\r\n\n");
}

TEST(MessageWriter, AppendsToWhatIsThere) {
  std::string out = "before|";
  write_request_head(request("GET / HTTP/1.1\r\n\r\n"), {}, {}, out);
  EXPECT_EQ(out, "before|GET / HTTP/1.1\r\n\r\n");
}

TEST(MessageWriter, WhatCanBeForwarded) {
  EXPECT_TRUE(is_forwardable(request("GET / HTTP/1.1\r\n\r\n")));
  EXPECT_TRUE(is_forwardable(request("GET http://h/ HTTP/1.1\r\n\r\n")));
  EXPECT_TRUE(is_forwardable(request("OPTIONS * HTTP/1.1\r\n\r\n")));
  EXPECT_FALSE(is_forwardable(request("CONNECT h:443 HTTP/1.1\r\n\r\n")));
  EXPECT_FALSE(is_forwardable(request("GET h:443 HTTP/1.1\r\n\r\n")));
  EXPECT_FALSE(is_forwardable(request("GET ://h/ HTTP/1.1\r\n\r\n")));
}

}  // namespace
}  // namespace understudy
