#include <algorithm>
#include <random>

#include "tests/unit/recording/take_fixture.hpp"
#include "traffic/http/whole_message.hpp"

namespace understudy {
namespace {

using test::capture_get;
using test::capture_post;
using test::capture_request;
using test::make_exchange;
using test::read_back;
using test::ReadBack;

class TakeRoundTripTest : public testing::Test {
 protected:
  ReadBack round_trip(const std::vector<ExchangePtr>& exchanges, const RecordingReport& source = complete()) {
    auto writer = make_take_writer(path_, {});
    EXPECT_TRUE(writer);
    for (const ExchangePtr& exchange : exchanges) EXPECT_TRUE((*writer)->write(*exchange));
    EXPECT_TRUE((*writer)->finish(source));
    return read_back(path_);
  }
  void expect_round_trip(const ExchangePtr& exchange) {
    std::filesystem::remove(path_);
    const ReadBack back = round_trip({exchange});
    EXPECT_EQ(back.error, "");
    EXPECT_EQ(back.damage(), "");
    ASSERT_EQ(back.exchanges.size(), 1U);
    test::expect_equal(*back.exchanges[0], *exchange);
  }
  static RecordingReport complete() {
    RecordingReport report;
    report.completeness = Completeness::complete;
    return report;
  }

  test::TemporaryFolder folder_;
  const std::string path_ = (folder_.path() / "out.take").string();
};

TEST_F(TakeRoundTripTest, KeepsEveryByteOfManyKindsOfMessages) {
  expect_round_trip(test::get_at(0, "/"));
  expect_round_trip(make_exchange(capture_get("/no-answer"), ""));
  expect_round_trip(make_exchange(capture_post("text/plain", std::string(70'000, 'x')), "HTTP/1.1 204 None\r\n\r\n"));
  expect_round_trip(make_exchange(
      capture_request(
          "POST /c HTTP/1.1\r\nhost:  odd\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: 1\r\n\r\n"),
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"));
  expect_round_trip(make_exchange(capture_get("/until-close"), "HTTP/1.0 200 OK\r\n\r\nall that follows"));
  expect_round_trip(make_exchange(capture_request("GET /lf HTTP/1.1\nHost: a\n\n"), ""));
  expect_round_trip(make_exchange(capture_request(std::string("GET /\xff?a=\x80 HTTP/1.1\r\nX: \xc3\r\n\r\n")), ""));
}

TEST_F(TakeRoundTripTest, AResponseToHeadHasNoBodyWhateverItsHeadSays) {
  auto request = capture_request("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n");
  WholeMessageParser parser;
  auto exchange = std::make_shared<Exchange>();
  exchange->response =
      CapturedResponse{request->last_byte,
                       request->last_byte,
                       *parser.parse(MessageKind::response, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
                                     std::string_view(), {Answers::head}),
                       true,
                       {}};
  exchange->request = std::move(request);
  expect_round_trip(exchange);
}

TEST_F(TakeRoundTripTest, KeepsEndpointsTimesAndPlaceInSession) {
  auto request = capture_get("/v6");
  request->client = {*IpAddress::parse("2001:db8::1"), 65535};
  request->server = {*IpAddress::parse("::1"), 1};
  request->session = 0xfedcba9876543210U;
  request->index_in_session = 4'000'000'000U;
  request->first_byte = WallTime(Nanoseconds(-5));
  request->last_byte = WallTime(Nanoseconds(1));
  expect_round_trip(make_exchange(request, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
}

TEST_F(TakeRoundTripTest, ACutResponseAndABodyThatWasOnlyCounted) {
  WholeMessageParser parser;
  const std::string_view head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";
  auto exchange = std::make_shared<Exchange>();
  exchange->request = capture_get("/cut");
  const WallTime time = exchange->request->last_byte;
  exchange->response = CapturedResponse{
      time, time, *parser.parse(MessageKind::response, head, "only this", {Answers::ordinary, true}), false, {}};
  expect_round_trip(exchange);
  exchange->response =
      CapturedResponse{time, time, *parser.parse_head_only(MessageKind::response, head, 100, 100), true, {}};
  expect_round_trip(exchange);
}

TEST_F(TakeRoundTripTest, AnExchangeLargerThanABlockGoesInParts) {
  std::string body(3'000'000, 'x');
  std::mt19937 random(1);
  for (char& byte : body) byte = static_cast<char>(random());  // nothing that could be compressed
  expect_round_trip(
      make_exchange(capture_post("application/octet-stream", body),
                    "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body));
  const auto overview = overview_of_take(path_);
  ASSERT_TRUE(overview);
  EXPECT_GT(overview->blocks, 20U);
  EXPECT_EQ(overview->exchanges, 1U);
}

TEST_F(TakeRoundTripTest, RandomExchangesComeBackInOrderOfTime) {
  std::mt19937 random(7);
  const auto number = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
  std::vector<ExchangePtr> exchanges;
  for (int i = 0; i < 3000; ++i) {
    const std::string body(number(10) == 0 ? number(20'000) : number(200), static_cast<char>('a' + number(26)));
    auto request = number(2) == 0
                       ? capture_get("/" + std::to_string(random()), "X-Number: " + std::to_string(i) + "\r\n")
                       : capture_post("text/plain", body);
    request->session = number(50);
    request->first_byte += std::chrono::microseconds(1000 * i + static_cast<int>(number(3'000'000)));
    request->last_byte = request->first_byte + std::chrono::microseconds(number(1000));
    const std::string response =
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    exchanges.push_back(make_exchange(request, number(10) == 0 ? std::string() : response));
  }
  const ReadBack back = round_trip(exchanges);
  EXPECT_EQ(back.damage(), "");
  EXPECT_EQ(back.report.completeness, Completeness::complete);
  EXPECT_EQ(back.report.out_of_order, 0U);
  ASSERT_EQ(back.exchanges.size(), exchanges.size());
  std::stable_sort(exchanges.begin(), exchanges.end(),
                   [](const auto& a, const auto& b) { return a->request->first_byte < b->request->first_byte; });
  for (std::size_t i = 0; i < exchanges.size(); ++i) test::expect_equal(*back.exchanges[i], *exchanges[i]);
}

TEST_F(TakeRoundTripTest, TheReportSaysWhatIsInIt) {
  RecordingReport source = complete();
  source.ledger = LedgerTotals{};
  source.ledger->seen = 3;
  source.ledger->delivered = 2;
  source.ledger->lost[static_cast<std::size_t>(LossReason::gap)] = 1;
  source.completeness = Completeness::incomplete;
  const ReadBack back = round_trip({test::get_at(0, "/1"), make_exchange(capture_get("/2"), "")}, source);
  EXPECT_EQ(back.report.format, "take");
  EXPECT_EQ(back.report.files, 1U);
  EXPECT_EQ(back.report.bytes, std::filesystem::file_size(path_));
  EXPECT_EQ(back.report.exchanges, 2U);
  EXPECT_EQ(back.report.responses, 1U);
  EXPECT_EQ(back.report.servers, std::vector<std::string>{"198.51.100.2:80"});
  EXPECT_EQ(back.report.completeness, Completeness::incomplete);
  ASSERT_TRUE(back.report.ledger);
  EXPECT_EQ(back.report.ledger->seen, 3U);
  EXPECT_EQ(back.report.ledger->delivered, 2U);
  EXPECT_EQ(back.report.ledger->lost_total(), 1U);
  EXPECT_EQ(back.report.ledger->in_flight(), 0);
}

TEST_F(TakeRoundTripTest, WhatASourceDoesNotTellStaysUnknown) {
  EXPECT_EQ(round_trip({test::get_at(0, "/")}, RecordingReport{}).report.completeness, Completeness::unknown);
}

TEST_F(TakeRoundTripTest, NothingIsOverwritten) {
  static_cast<void>(round_trip({test::get_at(0, "/")}));
  const auto again = make_take_writer(path_, {});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ExitCode::output_failed);
  EXPECT_NE(again.error().message.find("not overwritten"), std::string::npos);
}

TEST_F(TakeRoundTripTest, WithoutFinishTheFileReadsAsIncomplete) {
  {
    auto writer = make_take_writer(path_, {});
    for (int i = 0; i < 10; ++i) {
      EXPECT_TRUE((*writer)->write(*make_exchange(capture_post("text/plain", std::string(100'000, 'x')), "")));
    }
  }
  // Nothing flushes at the end of a process either: what is there is whole, and the report says that more may miss.
  const ReadBack back = read_back(path_);
  EXPECT_TRUE(!back.error.empty() || back.report.completeness == Completeness::incomplete);
}

TEST_F(TakeRoundTripTest, AnOverviewNeedsNoUnpacking) {
  static_cast<void>(round_trip({test::get_at(5, "/1"), test::get_at(0, "/2"), test::get_at(9000, "/3")}));
  const auto overview = overview_of_take(path_);
  ASSERT_TRUE(overview);
  EXPECT_EQ(overview->exchanges, 3U);
  EXPECT_EQ(overview->segments, 1U);
  EXPECT_TRUE(overview->certified);
  EXPECT_FALSE(overview->encrypted);
  EXPECT_EQ(*overview->last - *overview->first, std::chrono::seconds(9));
}

TEST_F(TakeRoundTripTest, SessionsOfDifferentRunsStayApart) {
  TakeEncoderOptions one;
  one.origin = {{"instance", "aaaa"}, {"host", "api-1"}, {"program", "understudy-agent"}, {"ports", "8080"}};
  TakeEncoderOptions two;
  two.origin = {{"instance", "bbbb"}};
  test::write_file(path_, test::segment_of({test::get_at(0, "/1", 1), test::get_at(1, "/2", 2)}, one) +
                              test::segment_of({test::get_at(2, "/3", 1)}, two) +
                              test::segment_of({test::get_at(3, "/4", 1)}, one));
  const ReadBack back = read_back(path_);
  EXPECT_EQ(back.damage(), "");
  EXPECT_EQ(back.report.completeness, Completeness::complete);
  EXPECT_EQ(back.report.origin, "api-1, understudy-agent, ports 8080");
  ASSERT_EQ(back.exchanges.size(), 4U);
  const auto session = [&](std::size_t i) { return back.exchanges[i]->request->session; };
  EXPECT_EQ(session(1), session(0) + 1);
  EXPECT_NE(session(2), session(0));
  EXPECT_EQ(session(3), session(0));
}

}  // namespace
}  // namespace understudy
