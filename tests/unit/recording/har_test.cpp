#include <boost/json.hpp>

#include "tests/support/files.hpp"
#include "tests/support/messages.hpp"
#include "tests/unit/recording/recorded.hpp"
#include "traffic/http/whole_message.hpp"
#include "traffic/recording/har_reader.hpp"
#include "traffic/recording/har_writer.hpp"
#include "traffic/recording/json_cursor.hpp"

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

Read read(std::string text) {
  auto source = open_har(input_of(std::move(text)), {});
  Read result;
  result.exchanges = read_all(*source);
  result.report = source->report();
  return result;
}

std::string archive_of(std::string_view entries) {
  return R"({"log":{"version":"1.2","creator":{"name":"WebInspector","version":"537.36"},"pages":[{"startedDateTime":)"
         R"("2026-01-02T03:04:04.000Z","id":"page_1","title":"x","pageTimings":{"onLoad":1.5}}],"entries":[)" +
         std::string(entries) + "]}}";
}

// As a browser writes a page over HTTP/2, shortened.
const std::string browser_entry = R"({"_initiator":{"type":"other"},"_priority":"High","cache":{},"connection":"1234",
  "pageref":"page_1","startedDateTime":"2026-01-02T04:04:05.250+01:00","time":70.5,
  "request":{"method":"GET","url":"https://www.example.com:8443/shop?x=1&y=%20#top","httpVersion":"http/2.0",
    "headers":[{"name":":authority","value":"www.example.com:8443"},{"name":":method","value":"GET"},
      {"name":":path","value":"/shop?x=1&y=%20"},{"name":":scheme","value":"https"},
      {"name":"accept","value":"text/html"},{"name":"cookie","value":"a=1"},{"name":"cookie","value":"b=2"}],
    "queryString":[{"name":"x","value":"1"}],"cookies":[],"headersSize":-1,"bodySize":0},
  "response":{"status":200,"statusText":"","httpVersion":"http/2.0",
    "headers":[{"name":":status","value":"200"},{"name":"content-encoding","value":"br"},
      {"name":"content-type","value":"text/html; charset=utf-8"},{"name":"content-length","value":"9"}],
    "cookies":[],"content":{"size":16,"mimeType":"text/html","compression":7,"text":"<p>caf\u00e9</p>\n\ud83d\ude00"},
    "redirectURL":"","headersSize":-1,"bodySize":-1,"_transferSize":321,"_error":null},
  "serverIPAddress":"[2001:db8::7]",
  "timings":{"blocked":1.5,"dns":-1,"ssl":2,"connect":3,"send":0.5,"wait":60,"receive":5.5,"_blocked_queueing":1}})";

TEST(HarRead, ABrowsersEntryBecomesHttp11ThatCanBeSent) {
  const Read got = read(archive_of(browser_entry));
  ASSERT_EQ(got.exchanges.size(), 1U) << (got.report.damage.empty() ? "" : got.report.damage[0].text);
  const CapturedRequest& request = *got.exchanges[0]->request;
  EXPECT_EQ(wire_text(request.message),
            "GET /shop?x=1&y=%20 HTTP/1.1\r\nHost: www.example.com:8443\r\naccept: text/html\r\ncookie: a=1; "
            "b=2\r\n\r\n");
  EXPECT_EQ(nanoseconds(request.first_byte), 1'767'323'045'250'000'000);
  EXPECT_EQ(request.last_byte - request.first_byte, std::chrono::milliseconds(5));
  EXPECT_EQ(request.server.to_string(), "[2001:db8::7]:8443");
  ASSERT_TRUE(got.exchanges[0]->response.has_value());
  const CapturedResponse& response = *got.exchanges[0]->response;
  EXPECT_EQ(wire_text(response.message),
            "HTTP/1.1 200 \r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: "
            "17\r\n\r\n<p>caf\xc3\xa9</p>\n\xf0\x9f\x98\x80");
  EXPECT_EQ(response.first_byte - request.first_byte, std::chrono::milliseconds(65));
  EXPECT_EQ(response.last_byte - request.first_byte, std::chrono::microseconds(70'500));
  EXPECT_TRUE(got.report.sessions_known);
  EXPECT_EQ(got.report.damages, 0U);
  EXPECT_EQ(got.report.format, "har");
}

std::string post_entry(std::string_view headers, std::string_view rest_of_request, std::string_view response) {
  return R"({"startedDateTime":"2026-01-02T03:04:05Z","time":1,"request":{"method":"POST","url":"http://a.test/p",)"
         R"("httpVersion":"HTTP/1.1","headers":[)" +
         std::string(headers) + "]" + std::string(rest_of_request) + R"(},"response":)" + std::string(response) +
         R"(,"cache":{},"timings":{"send":0,"wait":0,"receive":0}})";
}
const std::string no_response = R"({"status":0,"statusText":"","headers":[],"content":{"size":0}})";

TEST(HarRead, PostedDataGetsItsLength) {
  const Read text = read(archive_of(
      post_entry(R"({"name":"Content-Length","value":"999"},{"name":"Transfer-Encoding","value":"chunked"})",
                 R"(,"postData":{"mimeType":"application/json","text":"{\"a\":\"\u00fc\"}"})", no_response)));
  ASSERT_EQ(text.exchanges.size(), 1U);
  EXPECT_EQ(wire_text(text.exchanges[0]->request->message),
            "POST /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\n{\"a\":\"\xc3\xbc\"}");
  EXPECT_FALSE(text.exchanges[0]->response.has_value());
  const Read form = read(archive_of(post_entry(
      "",
      R"(,"postData":{"mimeType":"application/x-www-form-urlencoded","params":[{"name":"a b","value":"1&2"},{"name":"c","value":""}]})",
      no_response)));
  ASSERT_EQ(form.exchanges.size(), 1U);
  EXPECT_EQ(form.exchanges[0]->request->message.body().content(), "a%20b=1%262&c=");
  const Read binary = read(archive_of(post_entry(
      "", R"(,"postData":{"mimeType":"application/octet-stream","encoding":"base64","text":"AP8B"})", no_response)));
  ASSERT_EQ(binary.exchanges.size(), 1U);
  EXPECT_EQ(binary.exchanges[0]->request->message.body().content(), std::string("\x00\xff\x01", 3));
  const Read empty = read(archive_of(post_entry("", R"(,"bodySize":0)", no_response)));
  ASSERT_EQ(empty.exchanges.size(), 1U);
  EXPECT_EQ(empty.exchanges[0]->request->message.field("Content-Length"), "0");
}

TEST(HarRead, ABodyOfWhichOnlyTheSizeIsTold) {
  const Read got = read(archive_of(post_entry("", R"(,"bodySize":4096)",
                                              R"({"status":200,"statusText":"OK","httpVersion":"HTTP/1.1",)"
                                              R"("headers":[],"content":{"size":777,"mimeType":"image/png"}})")));
  ASSERT_EQ(got.exchanges.size(), 1U);
  EXPECT_FALSE(got.exchanges[0]->request->message.body().is_kept());
  EXPECT_EQ(got.exchanges[0]->request->message.body().content_size(), 4096U);
  ASSERT_TRUE(got.exchanges[0]->response.has_value());
  EXPECT_FALSE(got.exchanges[0]->response->message.body().is_kept());
  EXPECT_EQ(got.exchanges[0]->response->message.body().content_size(), 777U);
}

TEST(HarRead, OtherSchemesAreLeftOut) {
  std::string entries;
  for (const char* url : {"data:text/plain,x", "ws://a.test/s", "chrome-extension://x/y.js", "blob:https://a.test/1"}) {
    std::string entry = post_entry("", "", no_response);
    entry.replace(entry.find("http://a.test/p"), 15, url);
    entries += entry + ",";
  }
  const Read got = read(archive_of(entries + post_entry("", "", no_response)));
  EXPECT_EQ(got.exchanges.size(), 1U);
  ASSERT_EQ(got.report.left_out.size(), 1U);
  EXPECT_EQ(got.report.left_out[0].count, 4U);
  EXPECT_EQ(got.report.damages, 0U);
  EXPECT_FALSE(got.report.sessions_known);
}

TEST(HarRead, ALineBreakInAHeaderIsDamage) {
  const Read got = read(archive_of(post_entry(R"({"name":"X","value":"a\r\nInjected: 1"})", "", no_response)));
  EXPECT_TRUE(got.exchanges.empty());
  EXPECT_EQ(got.report.damages, 1U);
}

TEST(HarRead, DamageAndCutsAreToldAndPassedOver) {
  const std::string entry = post_entry("", "", no_response);
  const Read damaged = read(archive_of(entry + R"(,{"startedDateTime":"never","request":{}},{"a":tru},7,)" + entry));
  EXPECT_EQ(damaged.exchanges.size(), 2U);
  EXPECT_EQ(damaged.report.damages, 3U);
  const std::string whole = archive_of(entry + "," + entry);
  for (std::size_t size = 1; size < whole.size(); size += 11) {
    const Read cut = read(whole.substr(0, size));
    EXPECT_EQ(cut.report.damages, 1U) << size;
    EXPECT_LE(cut.exchanges.size(), 2U);
  }
  EXPECT_EQ(read("{\"log\":{\"entries\":[]}}").report.damages, 0U);
  EXPECT_EQ(read("[1,2]").report.damages, 1U);
}

TEST(HarRead, EntriesOutOfOrder) {
  std::string entries;
  for (const char* time : {"2026-01-02T03:04:07Z", "2026-01-02T03:04:05Z", "2026-01-02T03:04:06Z"}) {
    std::string entry = post_entry("", "", no_response);
    entry.replace(entry.find("2026-01-02T03:04:05Z"), 20, time);
    entry.replace(entry.find("/p\""), 2, std::string("/") + time[18]);
    entries += (entries.empty() ? "" : ",") + entry;
  }
  EXPECT_EQ(targets_of(read(archive_of(entries)).exchanges), (std::vector<std::string>{"/5", "/6", "/7"}));
}

TEST(HarRead, IsRecognised) {
  EXPECT_TRUE(is_har("{\"log\":{"));
  EXPECT_TRUE(is_har("\xEF\xBB\xBF{\n  \"log\": {"));
  EXPECT_FALSE(is_har("{\"session\":"));
  EXPECT_EQ(nanoseconds(*first_har_time(archive_of(""))), 1'767'323'044'000'000'000);
}

class HarWrite : public ::testing::Test {
 protected:
  [[nodiscard]] std::string written(const std::vector<ExchangePtr>& exchanges,
                                    const RecordingReport& report = {}) const {
    const std::string path = (folder_.path() / "out.har").string();
    auto writer = make_har_writer(path);
    EXPECT_TRUE(writer.has_value());
    for (const ExchangePtr& exchange : exchanges) EXPECT_TRUE((*writer)->write(*exchange).has_value());
    EXPECT_TRUE((*writer)->finish(report).has_value());
    return test::content_of(path);
  }

  test::TemporaryFolder folder_;
};

TEST_F(HarWrite, RoundTripsKeepWhatTheFormatHolds) {
  std::string every_byte;
  for (int i = 1; i < 256; ++i) {
    if (i != '\r' && i != '\n') every_byte += static_cast<char>(i);
  }
  std::vector<ExchangePtr> exchanges;
  exchanges.push_back(
      make_exchange(test::capture_get("/plain?q=%20", "Host: a.test\r\nX-Odd: a" + every_byte + "b\r\nx-odd: 2\r\n"),
                    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08"));
  exchanges.push_back(make_exchange(test::capture_post("text/plain", "caf\xc3\xa9 \xe2\x80\xa8 \"quoted\"\t"),
                                    "HTTP/1.0 404 Not \xe9\r\n\r\nuntil close"));
  exchanges.push_back(make_exchange(test::capture_post("application/octet-stream", every_byte), ""));
  exchanges.push_back(make_exchange(
      test::capture_request("PUT /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"),
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
  exchanges.push_back(make_exchange(test::capture_request("HEAD /h HTTP/1.1\r\n\r\n"),
                                    "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"));
  exchanges.push_back(make_exchange(test::capture_request("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), ""));
  exchanges.push_back(make_exchange(test::capture_request("GET http://b.test/abs HTTP/1.1\r\nHost: a\r\n\r\n"), ""));
  RecordingReport report;
  report.completeness = Completeness::complete;
  const std::string text = written(exchanges, report);
  const Read got = read(text);
  ASSERT_EQ(got.exchanges.size(), exchanges.size());
  EXPECT_EQ(got.report.damages, 0U) << (got.report.damage.empty() ? "" : got.report.damage[0].text);
  EXPECT_EQ(got.report.completeness, Completeness::complete);
  EXPECT_TRUE(got.report.sessions_known);
  for (std::size_t i = 0; i < exchanges.size(); ++i) {
    const CapturedRequest& expected = *exchanges[i]->request;
    const CapturedRequest& request = *got.exchanges[i]->request;
    EXPECT_EQ(wire_text(request.message), wire_text(expected.message)) << i;
    EXPECT_EQ(request.first_byte, expected.first_byte);
    EXPECT_EQ(request.last_byte, expected.last_byte);
    EXPECT_EQ(request.session, expected.session);
    EXPECT_EQ(request.client, expected.client);
    EXPECT_EQ(request.server, expected.server);
    ASSERT_EQ(got.exchanges[i]->response.has_value(), exchanges[i]->response.has_value()) << i;
    if (!exchanges[i]->response) continue;
    EXPECT_EQ(wire_text(got.exchanges[i]->response->message), wire_text(exchanges[i]->response->message)) << i;
    EXPECT_EQ(got.exchanges[i]->response->first_byte, exchanges[i]->response->first_byte);
    EXPECT_EQ(got.exchanges[i]->response->last_byte, exchanges[i]->response->last_byte);
  }
  EXPECT_EQ(written(got.exchanges, report), text);
}

TEST_F(HarWrite, IsAnArchiveOfVersion12) {
  boost::json::error_code error;
  const boost::json::value value =
      boost::json::parse(written({make_exchange(test::capture_post("text/plain", "hello"),
                                                "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n")}),
                         error);
  ASSERT_FALSE(error) << error.message();
  const boost::json::object& log = value.as_object().at("log").as_object();
  EXPECT_EQ(log.at("version").as_string(), "1.2");
  EXPECT_TRUE(log.at("creator").as_object().contains("name"));
  const boost::json::object& entry = log.at("entries").as_array().at(0).as_object();
  // The members that the format requires.
  for (const char* name : {"startedDateTime", "time", "request", "response", "cache", "timings"})
    EXPECT_TRUE(entry.contains(name)) << name;
  for (const char* name :
       {"method", "url", "httpVersion", "cookies", "headers", "queryString", "postData", "headersSize", "bodySize"}) {
    EXPECT_TRUE(entry.at("request").as_object().contains(name)) << name;
  }
  for (const char* name : {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL",
                           "headersSize", "bodySize"}) {
    EXPECT_TRUE(entry.at("response").as_object().contains(name)) << name;
  }
  EXPECT_EQ(entry.at("startedDateTime").as_string(), "2026-01-02T03:04:05.000Z");
  EXPECT_EQ(entry.at("_startedNanoseconds").to_number<int>(), 6);
  EXPECT_EQ(entry.at("response").as_object().at("redirectURL").as_string(), "/x");
}

TEST_F(HarWrite, NothingIsAnEmptyArchive) {
  const Read got = read(written({}));
  EXPECT_TRUE(got.exchanges.empty());
  EXPECT_EQ(got.report.damages, 0U);
}

TEST_F(HarWrite, ACutResponseStaysCut) {
  auto exchange = std::make_shared<Exchange>();
  exchange->request = test::capture_get("/cut");
  CapturedResponse& response = exchange->response.emplace();
  WholeMessageParser parser;
  response.message = *parser.parse_text(MessageKind::response, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
                                        {Answers::ordinary, true});
  response.complete = false;
  response.first_byte = exchange->request->first_byte;
  response.last_byte = exchange->request->first_byte;
  const Read got = read(written({exchange}));
  ASSERT_EQ(got.exchanges.size(), 1U);
  ASSERT_TRUE(got.exchanges[0]->response.has_value());
  EXPECT_FALSE(got.exchanges[0]->response->complete);
  EXPECT_EQ(wire_text(got.exchanges[0]->response->message), wire_text(response.message));
}

TEST(JsonCursor, FindsTheEndsOfValuesOverAllPieces) {
  const std::string big = "\"" + std::string(200'000, 'x') + "\\\"]}\"";
  auto input = input_of("{\"a\\\"b\" : " + big + " , \"c\":[1,{\"d\":\"]\"}],\"e\":-1.5e3,\"f\":true}");
  JsonCursor cursor(*input);
  ASSERT_EQ(cursor.take('{'), true);
  EXPECT_EQ(**cursor.take_key(), "a\\\"b");
  ASSERT_EQ(cursor.skip_value(), true);
  ASSERT_EQ(cursor.take(','), true);
  EXPECT_EQ(**cursor.take_key(), "c");
  EXPECT_EQ(**cursor.take_value(1000), "[1,{\"d\":\"]\"}]");
  ASSERT_EQ(cursor.take(','), true);
  EXPECT_EQ(**cursor.take_key(), "e");
  EXPECT_EQ(**cursor.take_value(1000), "-1.5e3");
  ASSERT_EQ(cursor.take(','), true);
  EXPECT_EQ(**cursor.take_key(), "f");
  EXPECT_EQ(**cursor.take_value(1000), "true");
  ASSERT_EQ(cursor.take('}'), true);
  EXPECT_EQ(cursor.peek(), '\0');
}

TEST(JsonCursor, ATooLongValueIsPassedOver) {
  auto input = input_of("[\"" + std::string(500'000, 'x') + "\",1]");
  JsonCursor cursor(*input);
  ASSERT_EQ(cursor.take('['), true);
  EXPECT_FALSE(cursor.take_value(1000)->has_value());
  EXPECT_TRUE(cursor.is_too_long());
  ASSERT_EQ(cursor.take(','), true);
  EXPECT_EQ(**cursor.take_value(1000), "1");
}

}  // namespace
}  // namespace understudy
