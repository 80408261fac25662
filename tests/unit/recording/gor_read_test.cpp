#include "tests/support/files.hpp"
#include "tests/unit/recording/recorded.hpp"
#include "traffic/recording/gor_format.hpp"
#include "traffic/recording/gor_source.hpp"

namespace understudy {
namespace {

using namespace std::string_literals;
using test::input_of;
using test::nanoseconds;
using test::read_all;
using test::targets_of;
using test::wire_text;

// The bytes of the specification, spelled out.
const std::string separator = "\x0a\xf0\x9f\x90\xb5\xf0\x9f\x99\x88\xf0\x9f\x99\x89\x0a";
const std::string id40 = "f45590522cd1838b4a0d5c5aab80b77929dea3b3";
const std::string id24 = "932079936f68f4aaf4aaf4aa";
const std::string get = "GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n";
const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

struct Read {
  std::vector<ExchangePtr> exchanges;
  RecordingReport report;
};

Read read(std::string text, const GorReadOptions& options = {}) {
  auto source = open_gor(input_of(std::move(text)), options);
  Read result;
  result.exchanges = read_all(*source);
  result.report = source->report();
  return result;
}

std::string get_of(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a.test\r\n\r\n";
}
std::string id_of(int number) {
  std::string digits = std::to_string(number);
  return std::string(24 - digits.size(), '0') + digits;
}
std::string request_record(int number, std::int64_t time, std::string_view payload) {
  return "1 " + id_of(number) + " " + std::to_string(time) + " 0\n" + std::string(payload) + separator;
}
std::string response_record(int number, std::int64_t time, std::string_view payload) {
  return "2 " + id_of(number) + " " + std::to_string(time) + " 5\n" + std::string(payload) + separator;
}

TEST(GorSeparator, IsThreeMonkeysOnALine) {
  EXPECT_EQ(gor_separator.size(), 14U);
  EXPECT_EQ(gor_separator, separator);
}

TEST(GorRead, TheFormOfOneDotTwoAndLater) {
  const Read got = read("1 " + id24 + " 1767323045000000006 1500\n" + get + separator +  //
                        "2 " + id24 + " 1767323045004000006 2500\n" + ok + separator);
  ASSERT_EQ(got.exchanges.size(), 1U);
  const CapturedRequest& request = *got.exchanges[0]->request;
  EXPECT_EQ(wire_text(request.message), get);
  EXPECT_EQ(nanoseconds(request.first_byte), 1767323045000000006);
  EXPECT_EQ(nanoseconds(request.last_byte), 1767323045000001506);
  ASSERT_TRUE(got.exchanges[0]->response.has_value());
  const CapturedResponse& response = *got.exchanges[0]->response;
  EXPECT_EQ(wire_text(response.message), ok);
  EXPECT_TRUE(response.complete);
  EXPECT_EQ(nanoseconds(response.first_byte), 1767323045004000006);
  EXPECT_EQ(nanoseconds(response.last_byte), 1767323045004002506);
  EXPECT_EQ(got.report.format, "gor");
  EXPECT_EQ(got.report.exchanges, 1U);
  EXPECT_EQ(got.report.responses, 1U);
  EXPECT_EQ(got.report.damages, 0U);
  EXPECT_FALSE(got.report.sessions_known);
  EXPECT_EQ(got.report.completeness, Completeness::unknown);
}

TEST(GorRead, TheFormUpToOneDotOne) {
  const Read got = read("1 " + id40 + " 1767323045000000006\n" + get + separator +  //
                        "2 " + id40 + " 1767323045004000006 4002500\n" + ok + separator);
  ASSERT_EQ(got.exchanges.size(), 1U);
  const Exchange& exchange = *got.exchanges[0];
  EXPECT_EQ(nanoseconds(exchange.request->last_byte), 1767323045000000006);
  ASSERT_TRUE(exchange.response.has_value());
  EXPECT_EQ(nanoseconds(exchange.response->first_byte), 1767323045004000006);
  EXPECT_EQ(nanoseconds(exchange.response->last_byte), 1767323045004002506);  // the second number is since the request
}

TEST(GorRead, ReplayedResponsesOnlyWhenAskedFor) {
  const std::string replayed = "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n";
  for (const std::string numbers : {"4000 1767400000000000000", "1767400000000000000 4000"}) {  // both orders
    const std::string text = "1 " + id24 + " 1767323045000000006 0\n" + get + separator +       //
                             "2 " + id24 + " 1767323045004000006 2500\n" + ok + separator +     //
                             "3 " + id24 + " " + numbers + "\n" + replayed + separator;
    const Read original = read(text);
    ASSERT_EQ(original.exchanges.size(), 1U);
    EXPECT_EQ(original.exchanges[0]->response->message.status(), 200);
    GorReadOptions options;
    options.replayed_responses = true;
    const Read other = read(text, options);
    ASSERT_EQ(other.exchanges.size(), 1U);
    EXPECT_EQ(other.exchanges[0]->response->message.status(), 503);
    EXPECT_EQ(other.exchanges[0]->response->first_byte - other.exchanges[0]->request->first_byte, Nanoseconds(4000));
    EXPECT_EQ(other.report.damages, 0U);
  }
}

TEST(GorRead, GzipOfSeveralMembers) {
  const Read got = read(test::gzip(request_record(1, 1000, get_of("/1"))) +
                        test::gzip(request_record(2, 2000, get_of("/2")) + response_record(1, 3000, ok)));
  EXPECT_EQ(targets_of(got.exchanges), (std::vector<std::string>{"/1", "/2"}));
  EXPECT_EQ(got.report.responses, 1U);
}

TEST(GorRead, RecordsOutOfOrderInTime) {
  std::string text;
  for (const int number : {3, 1, 2, 5, 4})
    text += request_record(number, 1000 * number, get_of("/" + std::to_string(number)));
  EXPECT_EQ(targets_of(read(text).exchanges), (std::vector<std::string>{"/1", "/2", "/3", "/4", "/5"}));
}

TEST(GorRead, AResponseBeforeItsRequest) {
  const Read got = read(response_record(1, 2000, ok) + request_record(1, 1000, get_of("/1")));
  ASSERT_EQ(got.exchanges.size(), 1U);
  ASSERT_TRUE(got.exchanges[0]->response.has_value());
  EXPECT_EQ(got.exchanges[0]->response->message.status(), 200);
}

TEST(GorRead, AResponseFarLater) {
  std::string text = request_record(0, 0, get_of("/0"));
  for (int number = 1; number <= 2000; ++number) text += request_record(number, number * 1'000'000'000LL, get_of("/x"));
  text += response_record(0, 2'000'000'000'000LL, ok);
  const Read got = read(text);
  ASSERT_EQ(got.exchanges.size(), 2001U);
  EXPECT_TRUE(got.exchanges[0]->response.has_value());
}

TEST(GorRead, ALimitReleasesRequestsWithoutTheirResponse) {
  GorReadOptions options;
  options.held_exchanges_max = 10;
  std::string text;
  for (int number = 0; number < 100; ++number)
    text += request_record(number, number, get_of("/" + std::to_string(number)));
  for (int number = 0; number < 100; ++number) text += response_record(number, 1000 + number, ok);
  const Read got = read(text, options);
  ASSERT_EQ(got.exchanges.size(), 100U);
  EXPECT_EQ(got.report.responses, 10U);
  ASSERT_EQ(got.report.left_out.size(), 1U);
  EXPECT_EQ(got.report.left_out[0].count, 90U);  // responses that came too late
}

TEST(GorRead, LiveRequestsDoNotWaitLong) {
  GorReadOptions options;
  options.response_wait = std::chrono::seconds(20);
  std::string text;
  for (int number = 0; number < 60; ++number) text += request_record(number, number * 1'000'000'000LL, get_of("/x"));
  text += response_record(10, 60'000'000'000LL, ok) + response_record(50, 60'000'000'000LL, ok);
  const Read got = read(text, options);
  ASSERT_EQ(got.exchanges.size(), 60U);
  EXPECT_FALSE(got.exchanges[10]->response.has_value());
  EXPECT_TRUE(got.exchanges[50]->response.has_value());
}

TEST(GorRead, ASeparatorInABodySurvives) {
  const std::string body = "x" + separator + "1 is not META" + separator + "2 x y\n" + separator + separator;
  const std::string post =
      "POST /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  const Read got = read(request_record(1, 1000, post) + request_record(2, 2000, get_of("/2")));
  ASSERT_EQ(targets_of(got.exchanges), (std::vector<std::string>{"/p", "/2"}));
  EXPECT_EQ(wire_text(got.exchanges[0]->request->message), post);
  EXPECT_EQ(got.report.damages, 0U);
}

TEST(GorRead, AWholeRecordingInABodySurvives) {
  const std::string body = request_record(8, 1, get_of("/inner")) + response_record(8, 2, ok);
  const std::string post =
      "POST /upload HTTP/1.1\r\nHost: a.test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  const Read got = read(request_record(1, 1000, post) + request_record(2, 2000, get_of("/2")));
  ASSERT_EQ(targets_of(got.exchanges), (std::vector<std::string>{"/upload", "/2"}));
  EXPECT_EQ(got.exchanges[0]->request->message.body().content(), body);
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  const Read early = read(response_record(1, 1500, answer) + request_record(1, 1000, get_of("/download")));
  ASSERT_EQ(targets_of(early.exchanges), (std::vector<std::string>{"/download"}));
  EXPECT_EQ(wire_text(early.exchanges[0]->response->message), answer);
}

TEST(GorRead, TheAnswerToHeadHasNoBody) {
  const Read got = read(request_record(1, 1000, "HEAD /h HTTP/1.1\r\nHost: a.test\r\n\r\n") +
                        response_record(1, 2000, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"));
  ASSERT_EQ(got.exchanges.size(), 1U);
  ASSERT_TRUE(got.exchanges[0]->response.has_value());
  EXPECT_TRUE(got.exchanges[0]->response->complete);
  EXPECT_EQ(got.report.damages, 0U);
}

TEST(GorRead, ChunkedBodiesKeepTheirFraming) {
  const std::string post =
      "POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n";
  const Read got = read(request_record(1, 1000, post));
  ASSERT_EQ(got.exchanges.size(), 1U);
  EXPECT_EQ(wire_text(got.exchanges[0]->request->message), post);
  EXPECT_EQ(got.exchanges[0]->request->message.body().content(), "abcde");
}

TEST(GorRead, TheLastRecordNeedsNoSeparator) {
  const Read got = read(request_record(1, 1000, get_of("/1")) + "1 " + id24 + " 2000 0\n" + get_of("/2"));
  EXPECT_EQ(targets_of(got.exchanges), (std::vector<std::string>{"/1", "/2"}));
  EXPECT_EQ(got.report.damages, 0U);
}

TEST(GorRead, ARecordingThatWasCutLosesItsLastRecordOnly) {
  const std::string text = request_record(1, 1000, get_of("/1")) + request_record(2, 2000, get_of("/2"));
  const std::size_t second = text.find("1 " + id_of(2));
  for (std::size_t size = second + 1; size < text.size(); ++size) {
    const Read got = read(text.substr(0, size));
    // The message is whole where the cut is in the separator behind it.
    const bool is_whole = size >= text.size() - separator.size();
    EXPECT_EQ(got.exchanges.size(), is_whole ? 2U : 1U) << size;
    const bool is_clean = size == text.size() || size == text.size() - separator.size();
    EXPECT_EQ(got.report.damages, is_clean ? 0U : 1U) << size;
  }
}

TEST(GorRead, ACutRequestIsNotGivenAndACutResponseIsMarked) {
  const Read got = read(request_record(1, 1000, "POST /cut HTTP/1.1\r\nContent-Length: 50\r\n\r\nshort") +
                        request_record(2, 2000, get_of("/2")) +
                        response_record(2, 3000, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort"));
  ASSERT_EQ(targets_of(got.exchanges), (std::vector<std::string>{"/2"}));
  ASSERT_TRUE(got.exchanges[0]->response.has_value());
  EXPECT_FALSE(got.exchanges[0]->response->complete);
  ASSERT_EQ(got.report.damages, 1U);
  EXPECT_EQ(got.report.damage[0].offset, 0U);
  EXPECT_NE(got.report.damage[0].text.find("not whole"), std::string::npos);
}

TEST(GorRead, DamageToAMetaCostsThatRecordOnly) {
  std::string text;
  for (int number = 1; number <= 3; ++number)
    text += request_record(number, 1000 * number, get_of("/" + std::to_string(number)));
  text[text.find("1 " + id_of(2))] = 'X';
  const Read got = read(text);
  EXPECT_EQ(targets_of(got.exchanges), (std::vector<std::string>{"/1", "/3"}));
  EXPECT_EQ(got.report.damages, 1U);
}

TEST(GorRead, GarbageInFrontIsPassedOver) {
  const Read got = read("garbage\n" + separator + "more" + separator + request_record(1, 1000, get_of("/1")));
  EXPECT_EQ(targets_of(got.exchanges), (std::vector<std::string>{"/1"}));
  EXPECT_EQ(got.report.damages, 1U);
}

TEST(GorRead, NothingButGarbageGivesNothing) {
  const Read got = read(std::string(100'000, 'x'));
  EXPECT_TRUE(got.exchanges.empty());
  EXPECT_EQ(got.report.damages, 1U);
  EXPECT_TRUE(read("").exchanges.empty());
}

TEST(GorRead, ResponsesWithoutTheirRequestAreLeftOut) {
  const Read got = read(response_record(7, 500, ok) + request_record(1, 1000, get_of("/1")));
  EXPECT_EQ(got.exchanges.size(), 1U);
  EXPECT_EQ(got.report.damages, 0U);
  ASSERT_EQ(got.report.left_out.size(), 1U);
  EXPECT_EQ(got.report.left_out[0].count, 1U);
}

TEST(GorRead, AnIdThatIsUsedAgainPairsWithTheLaterRequest) {
  const Read got = read(request_record(1, 1000, get_of("/first")) + request_record(1, 2000, get_of("/second")) +
                        response_record(1, 3000, ok) + response_record(1, 4000, ok));
  ASSERT_EQ(targets_of(got.exchanges), (std::vector<std::string>{"/first", "/second"}));
  EXPECT_FALSE(got.exchanges[0]->response.has_value());
  EXPECT_TRUE(got.exchanges[1]->response.has_value());
  EXPECT_EQ(got.report.damages, 1U);  // the second response
}

TEST(GorRead, SessionsDifferByRequest) {
  const Read got = read(request_record(1, 1000, get_of("/1")) + request_record(2, 2000, get_of("/2")));
  ASSERT_EQ(got.exchanges.size(), 2U);
  EXPECT_NE(got.exchanges[0]->request->session, got.exchanges[1]->request->session);
}

TEST(GorRead, RotatedAndOverlappingFilesAreOneRecording) {
  const test::TemporaryFolder folder;
  const auto path = [&](const char* name) { return (folder.path() / name).string(); };
  constexpr std::int64_t second = 1'000'000'000;
  test::write_file(path("a_0.gor"),
                   request_record(1, 100 * second, get_of("/1")) + request_record(3, 300 * second, get_of("/3")));
  test::write_file(path("a_1.gor"),
                   response_record(3, 301 * second, ok) + request_record(5, 500 * second, get_of("/5")));
  test::write_file(path("b_0.gor"),
                   request_record(2, 200 * second, get_of("/2")) + request_record(4, 400 * second, get_of("/4")));
  auto source = open_gor({{path("a_1.gor"), WallTime(Nanoseconds(301 * second))},
                          {path("b_0.gor"), WallTime(Nanoseconds(200 * second))},
                          {path("a_0.gor"), WallTime(Nanoseconds(100 * second))}},
                         {});
  const auto exchanges = read_all(*source);
  EXPECT_EQ(targets_of(exchanges), (std::vector<std::string>{"/1", "/2", "/3", "/4", "/5"}));
  EXPECT_TRUE(exchanges[2]->response.has_value());
  EXPECT_EQ(source->report().files, 3U);
}

TEST(GorMetaLine, AcceptsAndRefuses) {
  const auto result = [](std::string_view text) {
    GorMeta meta;
    std::size_t length = 0;
    return parse_gor_meta(text, meta, length);
  };
  EXPECT_EQ(result("1 abc 5\n"), GorMetaResult::valid);
  EXPECT_EQ(result("1 abc 5 6\nrest"), GorMetaResult::valid);
  EXPECT_EQ(result("2 abc 5 -6\n"), GorMetaResult::valid);
  for (const std::string_view text : {"", "1", "1 ", "1 abc", "1 abc 5"}) {
    EXPECT_EQ(result(text), GorMetaResult::too_short) << text;
  }
  for (const std::string_view text :
       {"0 abc 5\n", "4 abc 5\n", "12 abc 5\n", "1  5 6\n", "1 abc\n", "1 abc x\n", "1 abc 5 \n", "1 abc 5 6 7\n",
        "1 abc 5  6\n", "1 abc -5\n", "1 a\tc 5\n", "x", "\n"}) {
    EXPECT_EQ(result(text), GorMetaResult::invalid) << text;
  }
  EXPECT_EQ(result("1 " + std::string(300, 'a')), GorMetaResult::invalid);
  EXPECT_EQ(result("1 " + std::string(100, 'a')), GorMetaResult::too_short);
}

}  // namespace
}  // namespace understudy
