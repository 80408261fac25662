#include "traffic/recording/gor_writer.hpp"

#include <random>

#include "tests/support/file_size_limit.hpp"
#include "tests/support/files.hpp"
#include "tests/support/messages.hpp"
#include "tests/unit/recording/recorded.hpp"
#include "traffic/http/whole_message.hpp"
#include "traffic/recording/gor_format.hpp"
#include "traffic/recording/gor_source.hpp"

namespace understudy {
namespace {

using test::read_all;
using test::wire_text;

class GorWrite : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path(const char* name) const { return (folder_.path() / name).string(); }

  // Writes and reads back.
  [[nodiscard]] std::vector<ExchangePtr> round_trip(const std::vector<ExchangePtr>& exchanges, bool gzip) {
    const std::string file = path(gzip ? "out.gor.gz" : "out.gor");
    auto writer = make_gor_writer(file, gzip);
    EXPECT_TRUE(writer.has_value());
    for (const ExchangePtr& exchange : exchanges) EXPECT_TRUE((*writer)->write(*exchange).has_value());
    EXPECT_TRUE((*writer)->finish({}).has_value());
    left_out_ = (*writer)->left_out();
    auto input = UnpackedInput::open(file);
    EXPECT_TRUE(input.has_value());
    auto source = open_gor(std::move(*input), {});
    auto back = read_all(*source);
    EXPECT_EQ(source->report().damages, 0U);
    return back;
  }

  test::TemporaryFolder folder_;
  std::vector<LeftOut> left_out_;
};

ExchangePtr exchange_at(std::int64_t nanoseconds, std::string_view request_text, std::string_view response_text,
                        std::int64_t response_after = 1'000'000) {
  auto request = test::capture_request(request_text);
  request->first_byte = WallTime(Nanoseconds(nanoseconds));
  request->last_byte = request->first_byte + Nanoseconds(17);
  auto exchange = std::make_shared<Exchange>();
  if (!response_text.empty()) {
    CapturedResponse& response = exchange->response.emplace();
    response.message = test::read_response(response_text);
    response.first_byte = request->first_byte + Nanoseconds(response_after);
    response.last_byte = response.first_byte + Nanoseconds(29);
  }
  exchange->request = std::move(request);
  return exchange;
}

TEST_F(GorWrite, TheForm) {
  auto writer = make_gor_writer(path("out.gor"), false);
  ASSERT_TRUE(writer.has_value());
  ASSERT_TRUE((*writer)->write(*exchange_at(1'767'323'045'000'000'006, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n",
                                            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")));
  ASSERT_TRUE((*writer)->finish({}));
  const std::string text = test::content_of(path("out.gor"));
  const std::string id = text.substr(2, 24);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  const std::string separator = "\n\xf0\x9f\x90\xb5\xf0\x9f\x99\x88\xf0\x9f\x99\x89\n";
  EXPECT_EQ(text, "1 " + id + " 1767323045000000006 17\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n" + separator + "2 " + id +
                      " 1767323045001000006 29\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi" + separator);
}

TEST_F(GorWrite, RoundTripsKeepEveryByteAndTime) {
  std::vector<ExchangePtr> exchanges;
  std::mt19937 generator(5);
  for (int i = 0; i < 300; ++i) {
    std::string body(generator() % 2000, '\0');
    for (char& c : body) c = static_cast<char>(generator());
    if (i % 7 == 0) body += "\n\xf0\x9f\x90\xb5\xf0\x9f\x99\x88\xf0\x9f\x99\x89\n";
    exchanges.push_back(
        exchange_at(1'000'000'000LL * i,
                    "POST /" + std::to_string(i) +
                        " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body,
                    i % 5 == 0   ? ""
                    : i % 3 == 0 ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nT: v\r\n\r\n"
                                 : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
                    1'000'000LL * static_cast<std::int64_t>(generator() % 9000)));
  }
  for (const bool gzip : {false, true}) {
    const auto back = round_trip(exchanges, gzip);
    ASSERT_EQ(back.size(), exchanges.size());
    for (std::size_t i = 0; i < back.size(); ++i) {
      const CapturedRequest& expected = *exchanges[i]->request;
      EXPECT_EQ(wire_text(back[i]->request->message), wire_text(expected.message));
      EXPECT_EQ(back[i]->request->first_byte, expected.first_byte);
      EXPECT_EQ(back[i]->request->last_byte, expected.last_byte);
      ASSERT_EQ(back[i]->response.has_value(), exchanges[i]->response.has_value());
      if (!back[i]->response) continue;
      EXPECT_EQ(wire_text(back[i]->response->message), wire_text(exchanges[i]->response->message));
      EXPECT_EQ(back[i]->response->first_byte, exchanges[i]->response->first_byte);
      EXPECT_EQ(back[i]->response->last_byte, exchanges[i]->response->last_byte);
    }
    EXPECT_TRUE(left_out_.empty());
  }
}

TEST_F(GorWrite, RecordsAreInTheOrderOfTime) {
  static_cast<void>(round_trip({exchange_at(1'000, "GET /1 HTTP/1.1\r\n\r\n", "HTTP/1.1 204 N\r\n\r\n", 5'000),
                                exchange_at(2'000, "GET /2 HTTP/1.1\r\n\r\n", "HTTP/1.1 204 N\r\n\r\n", 1'000),
                                exchange_at(7'000, "GET /3 HTTP/1.1\r\n\r\n", "")},
                               false));
  const std::string text = test::content_of(path("out.gor"));
  std::vector<std::string> times;
  for (std::size_t line = 0; line < text.size(); line = text.find('\n', line) + 1) {
    GorMeta meta;
    std::size_t length = 0;
    if (parse_gor_meta(std::string_view(text).substr(line), meta, length) == GorMetaResult::valid) {
      times.push_back(std::to_string(test::nanoseconds(meta.start)));
    }
  }
  EXPECT_EQ(times, (std::vector<std::string>{"1000", "2000", "3000", "6000", "7000"}));
}

TEST_F(GorWrite, BodiesThatWereOnlyCountedAreLeftOutAndTold) {
  auto counted = test::capture_get("/a");
  WholeMessageParser parser;
  counted->message =
      *parser.parse_head_only(MessageKind::request, "POST /a HTTP/1.1\r\nContent-Length: 9\r\n\r\n", 9, 9);
  const auto back = round_trip({test::make_exchange(counted, "")}, false);
  EXPECT_TRUE(back.empty());
  ASSERT_EQ(left_out_.size(), 1U);
  EXPECT_EQ(left_out_[0].count, 1U);
}

TEST_F(GorWrite, AFullDiskIsAnError) {
  auto writer = make_gor_writer(path("out.gor"), false);
  ASSERT_TRUE(writer.has_value());
  const test::FileSizeLimit limit(1 << 20);
  const std::string body(400'000, 'x');
  const auto exchange = exchange_at(1, "POST / HTTP/1.1\r\nContent-Length: 400000\r\n\r\n" + body, "");
  Result<void> written;
  for (int i = 0; i < 10 && written; ++i) written = (*writer)->write(*exchange);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, ExitCode::output_failed);
}

TEST_F(GorWrite, AFolderThatIsNotThereIsAnError) {
  const auto writer = make_gor_writer(path("none/out.gor"), false);
  ASSERT_FALSE(writer.has_value());
  EXPECT_EQ(writer.error().code, ExitCode::output_failed);
}

}  // namespace
}  // namespace understudy
