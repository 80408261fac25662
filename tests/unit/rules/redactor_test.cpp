#include "traffic/rules/redactor.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "tests/support/messages.hpp"
#include "traffic/rules/content_coding.hpp"

namespace understudy {
namespace {

using test::capture_post;
using test::capture_request;

Redactor redactor_of(std::initializer_list<std::string_view> rules, std::string_view key = "") {
  Redactor redactor(key);
  for (const std::string_view rule : rules) {
    const auto done = redactor.add({"redact", rule}, rule);
    EXPECT_TRUE(done) << (done ? "" : done.error().message);
  }
  return redactor;
}

std::string body_of(const Redactor& redactor, const CapturedRequest& request) {
  return redactor.body(request.message).value_or("unchanged");
}

TEST(Redactor, HeaderValues) {
  const Redactor redactor = redactor_of({"header:X-Api-Key"});
  EXPECT_EQ(redactor.field_value("x-api-KEY", "opensesame"), "[redacted]");
  EXPECT_EQ(redactor.field_value("X-Api", "opensesame"), std::nullopt);
  EXPECT_FALSE(redactor.empty());
  EXPECT_TRUE(Redactor("").empty());
}

TEST(Redactor, ParametersInUrls) {
  const Redactor redactor = redactor_of({"param:token", "param:pass word"});
  EXPECT_EQ(redactor.target("/a?token=s&x=1&to%6ben=t#f"), "/a?token=%5Bredacted%5D&x=1&to%6ben=%5Bredacted%5D");
  EXPECT_EQ(redactor.target("/a?pass+word=s"), "/a?pass+word=%5Bredacted%5D");
  EXPECT_EQ(redactor.target("http://h/a?token=s"), "http://h/a?token=%5Bredacted%5D");
  EXPECT_EQ(redactor.target("/token=s"), std::nullopt);
  EXPECT_EQ(redactor.target("/a?token&token="), std::nullopt);
  EXPECT_EQ(redactor.field_value("Referer", "https://h/a?token=s"), "https://h/a?token=%5Bredacted%5D");
  EXPECT_EQ(redactor.field_value("location", "/next?token=s&b"), "/next?token=%5Bredacted%5D&b");
  EXPECT_EQ(redactor.field_value("Referer", "https://h/a"), std::nullopt);
}

TEST(Redactor, FormBodies) {
  const Redactor redactor = redactor_of({"param:password"});
  EXPECT_EQ(
      body_of(redactor, *capture_post("application/x-www-form-urlencoded; charset=utf-8", "user=a&password=b+c&z=1")),
      "user=a&password=%5Bredacted%5D&z=1");
  EXPECT_EQ(body_of(redactor, *capture_post("Application/X-WWW-Form-URLEncoded", "user=a")), "unchanged");
  EXPECT_EQ(body_of(redactor, *capture_post("text/plain", "password=b")), "unchanged");
  EXPECT_EQ(
      body_of(redactor, *capture_post("multipart/form-data; boundary=b",
                                      "--b\r\nContent-Disposition: form-data; name=password\r\n\r\nsecret\r\n--b--")),
      "--b\r\nContent-Disposition: form-data; name=password\r\n\r\n[redacted]\r\n--b--");
}

TEST(Redactor, JsonBodiesByTypeOrLook) {
  const Redactor redactor = redactor_of({"json:k"});
  constexpr std::string_view json = R"({"k":"s"})";
  constexpr std::string_view hidden = R"({"k":"[redacted]"})";
  for (const std::string_view type : {"application/json", "application/JSON; charset=utf-8", "application/problem+json",
                                      "application/x-ndjson", "text/json", ""}) {
    EXPECT_EQ(body_of(redactor, *capture_post(type, json)), hidden) << type;
  }
  EXPECT_EQ(body_of(redactor, *capture_post("text/plain", json)), "unchanged");
  EXPECT_EQ(body_of(redactor, *capture_post("application/x-www-form-urlencoded", json)), "unchanged");
  EXPECT_EQ(body_of(redactor, *capture_post("", "k=s")), "unchanged");
  EXPECT_EQ(body_of(redactor, *capture_post("application/json", "")), "unchanged");
  EXPECT_EQ(body_of(redactor_of({"header:X"}), *capture_post("application/json", json)), "unchanged");
}

TEST(Redactor, ChunkedBodiesByTheirContent) {
  const auto request = capture_request(
      "POST / HTTP/1.1\r\nHost: production\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\n{\"k\":\r\n4\r\n\"s\"}\r\n0\r\n\r\n");
  EXPECT_EQ(body_of(redactor_of({"json:k"}), *request), R"({"k":"[redacted]"})");
}

TEST(Redactor, EncodedBodies) {
  const Redactor redactor = redactor_of({"json:k"});
  const std::string zipped = encode_content(ContentCoding::gzip, R"({"k":"s","a":1})");
  const std::string out = body_of(redactor, *capture_post("application/json", zipped, "Content-Encoding: gzip\r\n"));
  EXPECT_EQ(decode_content(ContentCoding::gzip, out), R"({"k":"[redacted]","a":1})");
  const std::string harmless = encode_content(ContentCoding::gzip, R"({"a":1})");
  EXPECT_EQ(body_of(redactor, *capture_post("application/json", harmless, "Content-Encoding: gzip\r\n")), "unchanged");
  // What cannot be looked into is hidden as a whole, where a rule for its type exists.
  EXPECT_EQ(body_of(redactor, *capture_post("application/json", "\x0b\x01", "Content-Encoding: br\r\n")), "[redacted]");
  EXPECT_EQ(body_of(redactor, *capture_post("application/json", "{\"k\":1}", "Content-Encoding: gzip\r\n")),
            "[redacted]");
  EXPECT_EQ(body_of(redactor, *capture_post("image/png", "\x0b\x01", "Content-Encoding: br\r\n")), "unchanged");
}

TEST(Redactor, AKeyMakesTheSameValueTheSameEverywhere) {
  const Redactor redactor = redactor_of({"header:X", "param:p", "json:k"}, "key");
  const std::string marker = Marker("key").text("same value");
  EXPECT_EQ(redactor.field_value("X", "same value"), marker);
  EXPECT_EQ(redactor.target("/?p=same+value"), "/?p=" + Marker("key").encoded("same value"));
  EXPECT_EQ(body_of(redactor, *capture_post("application/json", R"({"k":"same value"})")),
            "{\"k\":\"" + marker + "\"}");
}

TEST(Redactor, Refusals) {
  for (const std::string_view rule :
       {"", "X", "header", "header:", "header:a b", "cookie:x", "json:", "json:/a~2", "param:"}) {
    Redactor redactor("");
    const auto done = redactor.add({"redact", rule}, rule);
    ASSERT_FALSE(done) << rule;
    EXPECT_EQ(done.error().code, ExitCode::usage);
    EXPECT_EQ(done.error().message.rfind("redact '" + std::string(rule) + "': at character ", 0), 0U)
        << done.error().message;
  }
}

}  // namespace
}  // namespace understudy
