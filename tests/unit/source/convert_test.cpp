#include "replay/source/convert.hpp"

#include <filesystem>

#include "tests/support/file_size_limit.hpp"
#include "tests/unit/source/source_fixture.hpp"

namespace understudy {
namespace {

using test::wire_text;

class Convert : public SourceTest {
 protected:
  [[nodiscard]] Result<ConvertSummary> to(const std::string& from, const std::string& name,
                                          const ConvertOptions& options = {}) const {
    auto source = open_recording({from});
    EXPECT_TRUE(source.has_value());
    return convert(**source, path(name), options);
  }
  [[nodiscard]] static std::vector<ExchangePtr> all_of(const std::string& file) {
    auto source = open_recording({file});
    EXPECT_TRUE(source.has_value()) << source.error().message;
    return source ? test::read_all(**source) : std::vector<ExchangePtr>();
  }
  [[nodiscard]] std::vector<ExchangePtr> sample() const {
    std::vector<ExchangePtr> exchanges;
    exchanges.push_back(exchange_at(0, "/plain?q=1"));
    exchanges.push_back(test::make_exchange(timed(1,
                                                  "POST /chunked HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                                                  "chunked\r\n\r\n3\r\nabc\r\n1;x=y\r\nd\r\n0\r\nTrailer: t\r\n\r\n"),
                                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
    exchanges.push_back(test::make_exchange(timed(2, "HEAD /head HTTP/1.1\r\nHost: a\r\n\r\n"), ""));
    exchanges.push_back(test::make_exchange(timed(3, "GET /close HTTP/1.0\r\nX:odd\r\nx:  Case \r\n\r\n"),
                                            "HTTP/1.0 200 OK\r\n\r\nuntil the end"));
    exchanges.push_back(test::make_exchange(
        timed(4, "PUT /bytes HTTP/1.1\r\nContent-Length: 4\r\n\r\n" + std::string("\x00\xff\x01\xfe", 4)),
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 12\r\n\r\n"));
    return exchanges;
  }
  [[nodiscard]] static RequestPtr timed(int offset, std::string_view text) {
    auto request = test::capture_request(text);
    request->first_byte = WallTime(Nanoseconds(start + offset * second + 7));
    request->last_byte = request->first_byte + Nanoseconds(500);
    return request;
  }
};

TEST_F(Convert, TakeToGorAndBackLosesNothingThatGorHolds) {
  const auto exchanges = sample();
  write_take("a.take", exchanges);
  ASSERT_TRUE(to(path("a.take"), "b.gor").has_value());
  ASSERT_TRUE(to(path("b.gor"), "c.take").has_value());
  const auto back = all_of(path("c.take"));
  ASSERT_EQ(back.size(), exchanges.size());
  for (std::size_t i = 0; i < back.size(); ++i) {
    const Exchange& expected = *exchanges[i];
    EXPECT_EQ(wire_text(back[i]->request->message), wire_text(expected.request->message));
    EXPECT_EQ(back[i]->request->first_byte, expected.request->first_byte);
    EXPECT_EQ(back[i]->request->last_byte, expected.request->last_byte);
    ASSERT_EQ(back[i]->response.has_value(), expected.response.has_value()) << i;
    if (!expected.response) continue;
    EXPECT_EQ(wire_text(back[i]->response->message), wire_text(expected.response->message));
    EXPECT_EQ(back[i]->response->first_byte, expected.response->first_byte);
    EXPECT_EQ(back[i]->response->last_byte, expected.response->last_byte);
  }
}

TEST_F(Convert, TakeToJsonlAndBackKeepsHeadsBodiesSessionsAndTimes) {
  const auto exchanges = sample();
  write_take("a.take", exchanges);
  ASSERT_TRUE(to(path("a.take"), "b.jsonl").has_value());
  const auto back = all_of(path("b.jsonl"));
  ASSERT_EQ(back.size(), exchanges.size());
  for (std::size_t i = 0; i < back.size(); ++i) {
    const CapturedRequest& expected = *exchanges[i]->request;
    const CapturedRequest& request = *back[i]->request;
    EXPECT_EQ(request.message.target(), expected.message.target());
    EXPECT_EQ(request.message.body().content(), expected.message.body().content());
    EXPECT_EQ(request.message.framing(), expected.message.framing());
    EXPECT_EQ(request.first_byte, expected.first_byte);
    EXPECT_EQ(request.session, expected.session);
    EXPECT_EQ(request.client, expected.client);
    EXPECT_EQ(request.server, expected.server);
    EXPECT_EQ(back[i]->response.has_value(), exchanges[i]->response.has_value());
  }
}

TEST_F(Convert, TheSummarySaysWhatIsNotHeld) {
  write_take("a.take", sample());
  const auto gor = to(path("a.take"), "b.gor.gz");
  ASSERT_TRUE(gor.has_value());
  EXPECT_EQ(gor->exchanges, 5U);
  EXPECT_EQ(gor->bytes_written, std::filesystem::file_size(path("b.gor.gz")));
  ASSERT_FALSE(gor->not_held.empty());
  EXPECT_NE(gor->not_held[0].find("connections"), std::string::npos);
  EXPECT_EQ(test::content_of(path("b.gor.gz")).substr(0, 2), "\x1f\x8b");
  const auto take = to(path("b.gor.gz"), "c.take");
  ASSERT_TRUE(take.has_value());
  EXPECT_TRUE(take->not_held.empty());
}

TEST_F(Convert, AnExistingTargetIsKeptUnlessAskedOtherwise) {
  write("a.gor", gor_record(0, "/1"));
  write("b.jsonl", "precious");
  const auto refused = to(path("a.gor"), "b.jsonl");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ExitCode::output_failed);
  EXPECT_EQ(test::content_of(path("b.jsonl")), "precious");
  ConvertOptions options;
  options.overwrite = true;
  ASSERT_TRUE(to(path("a.gor"), "b.jsonl", options).has_value());
  EXPECT_NE(test::content_of(path("b.jsonl")).find("\"/1\""), std::string::npos);
}

TEST_F(Convert, AnUnknownEndingIsRefused) {
  const auto checked = check_conversion_target("out.xml");
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().code, ExitCode::usage);
  EXPECT_TRUE(check_conversion_target("-").has_value());
  EXPECT_TRUE(check_conversion_target("a.gor.gz").has_value());
}

TEST_F(Convert, AFailedConversionLeavesNothing) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += gor_record(i, "/" + std::string(1000, 'x'));
  write("a.gor", text);
  Result<ConvertSummary> failed;
  {
    const test::FileSizeLimit limit(1 << 20);
    failed = to(path("a.gor"), "b.jsonl");
  }
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, ExitCode::output_failed);
  EXPECT_FALSE(std::filesystem::exists(path("b.jsonl")));
  EXPECT_FALSE(std::filesystem::exists(path("b.jsonl.part")));
}

}  // namespace
}  // namespace understudy
