#include "traffic/recording/jsonl_reader.hpp"

#include "tests/support/files.hpp"
#include "tests/support/messages.hpp"
#include "tests/unit/recording/recorded.hpp"
#include "traffic/recording/jsonl_exchange_writer.hpp"

namespace understudy {
namespace {

using test::input_of;
using test::make_exchange;
using test::nanoseconds;
using test::read_all;
using test::targets_of;
using test::wire_text;

struct Read {
  std::vector<ExchangePtr> exchanges;
  RecordingReport report;
};

Read read(std::string text, const ReorderLimits& limits = {}) {
  auto source = open_jsonl(input_of(std::move(text)), limits);
  Read result;
  result.exchanges = read_all(*source);
  result.report = source->report();
  return result;
}

std::string written(const std::vector<ExchangePtr>& exchanges) {
  const test::TemporaryFolder folder;
  const std::string path = (folder.path() / "out.jsonl").string();
  auto writer = make_jsonl_writer(path);
  EXPECT_TRUE(writer.has_value());
  for (const ExchangePtr& exchange : exchanges) EXPECT_TRUE((*writer)->write(*exchange).has_value());
  EXPECT_TRUE((*writer)->finish({}).has_value());
  return test::content_of(path);
}

// The example of docs/recording-jsonl.md, on one line.
const std::string example =
    R"({"session":"9f2c41d07a3be658-17","client":"192.0.2.1:40000","server":"[2001:db8::2]:8080",)"
    R"("time":"2026-01-02T03:04:05.000000006Z","request":{"method":"POST","target":"/orders?dry=1","version":"1.1",)"
    R"("headers":[["Host","www.example.com"],["Authorization","[redacted]"],["Content-Length","3"]],"body_length":3,)"
    R"("body_sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","body_base64":"YWJj"},)"
    R"("response":{"time":"2026-01-02T03:04:05.005000006Z","status":201,"reason":"Created","version":"1.1",)"
    R"("headers":[["Content-Length","0"]],"body_length":0,)"
    R"("body_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","body_base64":""},)"
    R"("complete":true})";

std::string line_at(std::string_view time, std::string_view target, std::string_view response_time = "") {
  std::string line = R"({"session":"s-1","client":"192.0.2.1:40000","server":"192.0.2.2:80","time":")" +
                     std::string(time) + R"(","request":{"method":"GET","target":")" + std::string(target) +
                     R"(","version":"1.1","headers":[],"body_length":0,"body_base64":""},"response":)";
  if (response_time.empty()) return line + "null}\n";
  return line + R"({"time":")" + std::string(response_time) +
         R"(","status":200,"reason":"","version":"1.1","headers":[["Content-Length","0"]],"body_length":0,"body_base64":""}})" +
         "\n";
}

TEST(JsonlRead, TheDocumentedExample) {
  const Read got = read(example + "\n");
  ASSERT_EQ(got.exchanges.size(), 1U);
  const CapturedRequest& request = *got.exchanges[0]->request;
  EXPECT_EQ(wire_text(request.message),
            "POST /orders?dry=1 HTTP/1.1\r\nHost: www.example.com\r\nAuthorization: [redacted]\r\nContent-Length: "
            "3\r\n\r\nabc");
  EXPECT_EQ(request.client.to_string(), "192.0.2.1:40000");
  EXPECT_EQ(request.server.to_string(), "[2001:db8::2]:8080");
  EXPECT_EQ(nanoseconds(request.first_byte), 1'767'323'045'000'000'006);
  ASSERT_TRUE(got.exchanges[0]->response.has_value());
  EXPECT_EQ(wire_text(got.exchanges[0]->response->message), "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(got.exchanges[0]->response->complete);
  EXPECT_EQ(got.report.format, "jsonl");
  EXPECT_EQ(got.report.damages, 0U);
  EXPECT_EQ(got.report.servers, std::vector<std::string>{"[2001:db8::2]:8080"});
}

TEST(JsonlRead, WhatIsWrittenIsReadAndWrittenTheSame) {
  std::vector<ExchangePtr> exchanges;
  std::string every_byte;
  for (int i = 1; i < 256; ++i) {
    if (i != '\r' && i != '\n') every_byte += static_cast<char>(i);
  }
  std::string body;
  for (int i = 0; i < 70'000; ++i) body += static_cast<char>(i * 7);
  exchanges.push_back(make_exchange(test::capture_get("/plain", "Host: a.test\r\nX-Odd: a" + every_byte + "b\r\n"),
                                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"));
  exchanges.push_back(
      make_exchange(test::capture_post("application/octet-stream", body), "HTTP/1.0 404 Not \xe9\r\n\r\nuntil close"));
  exchanges.push_back(
      make_exchange(test::capture_request(
                        "PUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=1\r\nde\r\n0\r\n\r\n"),
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
  exchanges.push_back(make_exchange(test::capture_request("HEAD /h HTTP/1.1\r\n\r\n"), ""));
  exchanges.push_back(make_exchange(test::capture_get("/none"), ""));
  exchanges.push_back(
      make_exchange(test::capture_get("/304"), "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n"));
  const std::string text = written(exchanges);
  const Read got = read(text);
  EXPECT_EQ(got.report.damages, 0U) << (got.report.damage.empty() ? "" : got.report.damage[0].text);
  EXPECT_EQ(written(got.exchanges), text);
  ASSERT_EQ(got.exchanges.size(), exchanges.size());
  EXPECT_EQ(got.exchanges[2]->request->message.framing(), BodyFraming::chunked);
  EXPECT_EQ(got.exchanges[2]->request->message.body().content(), "abcde");
}

TEST(JsonlRead, BodiesThatWereOnlyCounted) {
  std::string line = example;
  const std::size_t at = line.find("\"body_length\":3");
  line.replace(at, line.find('}', at) - at, R"("body_length":5000000000,"body_sha256":null,"body_base64":null)");
  const std::size_t header = line.find("[\"Content-Length\",\"3\"]");
  line.replace(header, 22, "[\"Content-Length\",\"5000000000\"]");
  const Read got = read(line);
  ASSERT_EQ(got.exchanges.size(), 1U);
  const Body& body = got.exchanges[0]->request->message.body();
  EXPECT_FALSE(body.is_kept());
  EXPECT_EQ(body.content_size(), 5'000'000'000U);
  EXPECT_EQ(written(got.exchanges).find("\"body_base64\":\"YWJj\""), std::string::npos);
}

TEST(JsonlRead, ARedactedBodyGetsItsContentLength) {
  std::string line = example;
  line.replace(line.find("\"Content-Length\",\"3\""), 20, "\"Content-Length\",\"77\"");
  const Read got = read(line);
  ASSERT_EQ(got.exchanges.size(), 1U);
  EXPECT_EQ(got.exchanges[0]->request->message.field("content-length"), "3");
}

TEST(JsonlRead, ACutResponse) {
  std::string line = example;
  line.replace(line.find("[\"Content-Length\",\"0\"]"), 22, "[\"Content-Length\",\"9\"]");
  line.replace(line.find("\"complete\":true"), 15, "\"complete\":false");
  const Read got = read(line);
  ASSERT_EQ(got.exchanges.size(), 1U);
  EXPECT_FALSE(got.exchanges[0]->response->complete);
  EXPECT_EQ(got.exchanges[0]->response->message.field("Content-Length"), "9");
}

TEST(JsonlRead, LinesInTheOrderOfTheirEndsComeInTheOrderOfRequests) {
  const Read got = read(line_at("2026-01-02T03:04:07Z", "/3", "2026-01-02T03:04:07.5Z") +
                        line_at("2026-01-02T03:04:05Z", "/1", "2026-01-02T03:04:08Z") +
                        line_at("2026-01-02T03:04:06Z", "/2", "2026-01-02T03:04:09Z"));
  EXPECT_EQ(targets_of(got.exchanges), (std::vector<std::string>{"/1", "/2", "/3"}));
  EXPECT_EQ(got.exchanges[0]->request->index_in_session, 0U);
  EXPECT_EQ(got.exchanges[2]->request->index_in_session, 2U);
}

TEST(JsonlRead, AShortWindowGivesEarly) {
  ReorderLimits limits;
  limits.span = std::chrono::seconds(1);
  auto source = open_jsonl(input_of(line_at("2026-01-02T03:04:05Z", "/1") + line_at("2026-01-02T03:04:07Z", "/2") +
                                    line_at("2026-01-02T03:04:04Z", "/late")),
                           limits);
  EXPECT_EQ(targets_of(read_all(*source)), (std::vector<std::string>{"/1", "/late", "/2"}));
}

TEST(JsonlRead, DamageIsToldAndPassedOver) {
  std::string wrong_digest = example;
  wrong_digest.replace(wrong_digest.find("YWJj"), 4, "YWJk");
  std::string wrong_length = example;
  wrong_length.replace(wrong_length.find("\"body_length\":3"), 15, "\"body_length\":4");
  std::string line_break = example;
  line_break.replace(line_break.find("www.example.com"), 15, "a\\r\\nX-Injected: 1");
  std::string no_latin = example;
  no_latin.replace(no_latin.find("/orders"), 7, "/\xe2\x82\xac");
  std::string no_time = example;
  no_time.replace(no_time.find("2026-01-02T03:04:05.000000006Z"), 30, "yesterday");
  const std::string text = "not json\n" + wrong_digest + "\n" + wrong_length + "\n" + line_break + "\n\n[1]\n" +
                           no_latin + "\n" + no_time + "\n{\"request\":7}\n" + example + "\n" + example.substr(0, 100);
  const Read got = read(text);
  EXPECT_EQ(got.exchanges.size(), 1U);
  EXPECT_EQ(got.report.damages, 9U);
  ASSERT_EQ(got.report.damage.size(), 9U);
  EXPECT_EQ(got.report.damage[1].offset, 9U);
  EXPECT_NE(got.report.damage[1].text.find("SHA-256"), std::string::npos);
  EXPECT_NE(got.report.damage[8].text.find("cut"), std::string::npos);
}

TEST(JsonlRead, SessionsKeepTheirNumbersAndTheirNames) {
  std::string numbered = example;
  numbered.replace(numbered.find("9f2c41d07a3be658-17"), 19, "17");
  const Read got = read(example + "\n" + numbered + "\n" + example);
  ASSERT_EQ(got.exchanges.size(), 3U);
  EXPECT_EQ(got.exchanges[0]->request->session, got.exchanges[2]->request->session);
  EXPECT_EQ(got.exchanges[1]->request->session, 17U);
  EXPECT_TRUE(got.report.sessions_known);
}

TEST(JsonlRead, EveryCutGivesAtMostOneDamage) {
  const std::string text = example + "\n" + example + "\n";
  for (std::size_t size = 0; size < text.size(); size += 7) {
    const Read got = read(text.substr(0, size));
    EXPECT_LE(got.report.damages, 1U) << size;
    EXPECT_EQ(got.exchanges.size(), size >= 2 * example.size() + 1 ? 2U : size >= example.size() ? 1U : 0U) << size;
  }
}

TEST(JsonlRead, IsRecognised) {
  EXPECT_TRUE(is_jsonl(example));
  EXPECT_TRUE(is_jsonl(" {\n \"request\": {}"));
  EXPECT_FALSE(is_jsonl("{\"log\":{"));
  EXPECT_FALSE(is_jsonl("[]"));
  EXPECT_FALSE(is_jsonl(""));
  EXPECT_EQ(nanoseconds(*first_jsonl_time(example)), 1'767'323'045'000'000'006);
  EXPECT_FALSE(first_jsonl_time("{\"time\":\"2026").has_value());
}

}  // namespace
}  // namespace understudy
