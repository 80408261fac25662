#include "traffic/pipeline/recording_writer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/file_size_limit.hpp"
#include "tests/support/files.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/messages.hpp"

namespace understudy {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::capture_get;
using test::capture_post;
using test::content_of;
using test::FileSizeLimit;
using test::make_exchange;

std::shared_ptr<const RuleSet> rules_of(const RuleOptions& options) { return compile_rules(options).value(); }

RecordingWriter::Item queued(const ExchangePtr& exchange) {
  return {QueuedRecords{.exchange = exchange, .bytes = nullptr}, 1, 0};
}

class RecordingWriterTest : public testing::Test {
 protected:
  RecordingWriterTest() {
    options_.path = path_.string();
    options_.on_trouble = [this](const RecordingTrouble& trouble) { troubles_.push_back(trouble); };
  }

  RecordingWriter& writer() {
    if (!writer_) {
      writer_ = std::make_unique<RecordingWriter>(
          options_, RecordingFiles({options_.path, RecordEnd::newline, {}, {}}),
          AppendFile::open(options_.path).value(), make_jsonl_encoder(""), rules_, ledger_.make_shard(), clock_,
          [this](const RecordingWriter::Item& item) { released_ += item.bytes; });
    }
    return *writer_;
  }
  void add(const std::string& target) { writer().add(queued(make_exchange(capture_get(target), ""))); }

  // The targets of the lines in the file, which must all be whole.
  [[nodiscard]] std::vector<std::string> targets() const {
    std::vector<std::string> found;
    const std::string text = content_of(path_);
    EXPECT_TRUE(text.empty() || text.ends_with("}\n"));
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      const std::string line = text.substr(at, end - at);
      EXPECT_TRUE(line.starts_with("{\"session\":") && line.ends_with("\"complete\":true}")) << line;
      const std::size_t begin = line.find("\"target\":\"") + 10;
      found.push_back(line.substr(begin, line.find('"', begin) - begin));
      at = end + 1;
    }
    return found;
  }
  [[nodiscard]] std::string recorded(const ExchangePtr& exchange) {
    writer().add(queued(exchange));
    writer().flush();
    return content_of(path_);
  }

  test::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "out.jsonl";
  ManualClock clock_;
  CurrentRules rules_{rules_of({})};
  Ledger ledger_;
  RecordingOptions options_;
  std::vector<RecordingTrouble> troubles_;
  std::uint64_t released_ = 0;
  std::unique_ptr<RecordingWriter> writer_;
};

using Targets = std::vector<std::string>;

TEST_F(RecordingWriterTest, WritesAtTheFlushInterval) {
  EXPECT_EQ(writer().next_due(), std::nullopt);
  add("/1");
  EXPECT_EQ(writer().next_due(), clock_.monotonic_now() + seconds(1));
  clock_.advance(milliseconds(400));
  add("/2");
  clock_.advance(milliseconds(599));
  writer().tick();
  EXPECT_EQ(targets(), Targets{});
  EXPECT_EQ(released_, 0U);  // what is not written still counts against the queue
  EXPECT_EQ(ledger_.totals().delivered, 0U);
  clock_.advance(milliseconds(1));
  writer().tick();
  EXPECT_EQ(targets(), (Targets{"/1", "/2"}));
  EXPECT_EQ(released_, 2U);
  EXPECT_EQ(ledger_.totals().delivered, 2U);
  EXPECT_EQ(writer().next_due(), std::nullopt);
}

TEST_F(RecordingWriterTest, WritesWhenTheBufferIsFull) {
  for (int i = 0; i < 2000; ++i) add("/" + std::to_string(i));
  EXPECT_GT(ledger_.totals().delivered, 500U);
  EXPECT_LT(ledger_.totals().delivered, 2000U);
  writer().flush();
  EXPECT_EQ(targets().size(), 2000U);
  EXPECT_EQ(targets().back(), "/1999");
}

TEST_F(RecordingWriterTest, AFullDiskPausesAndNothingIsLostWhenThereIsRoomAgain) {
  const FileSizeLimit limit(1000);
  for (int i = 0; i < 10; ++i) add("/" + std::to_string(i));
  writer().flush();
  EXPECT_TRUE(writer().paused());
  EXPECT_EQ(writer().pause_reason(), LossReason::disk_full);
  ASSERT_EQ(troubles_.size(), 1U);
  EXPECT_TRUE(troubles_[0].paused);
  EXPECT_EQ(troubles_[0].message, "recording to '" + path_.string() +
                                      "' pauses: File too large. It is tried again every 5 s; mirroring goes on");
  const std::size_t whole = targets().size();  // checks that all lines are whole
  EXPECT_GT(whole, 1U);
  EXPECT_LT(whole, 10U);
  EXPECT_EQ(ledger_.totals().delivered, whole);
  EXPECT_EQ(writer().unwritten(), 10 - whole);

  EXPECT_EQ(writer().next_due(), clock_.monotonic_now() + seconds(5));
  clock_.advance(seconds(5));
  writer().tick();  // still full: no second word about it
  EXPECT_TRUE(writer().paused());
  EXPECT_EQ(troubles_.size(), 1U);
  EXPECT_EQ(targets().size(), whole);

  limit.set(RLIM_INFINITY);
  writer().tick();  // not due
  EXPECT_TRUE(writer().paused());
  clock_.advance(seconds(5));
  writer().tick();
  EXPECT_FALSE(writer().paused());
  EXPECT_EQ(targets(), (Targets{"/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8", "/9"}));
  EXPECT_EQ(ledger_.totals().delivered, 10U);
  EXPECT_EQ(released_, 10U);
  ASSERT_EQ(troubles_.size(), 2U);
  EXPECT_FALSE(troubles_[1].paused);
  add("/10");
  writer().flush();
  EXPECT_EQ(targets().size(), 11U);
}

TEST_F(RecordingWriterTest, ARetryThatWritesSomeKeepsThem) {
  const FileSizeLimit limit(100);
  for (int i = 0; i < 6; ++i) add("/" + std::to_string(i));
  writer().flush();
  EXPECT_EQ(targets().size(), 0U);
  limit.set(1000);
  writer().retry_now();
  EXPECT_TRUE(writer().paused());
  const std::size_t whole = targets().size();
  EXPECT_GT(whole, 0U);
  EXPECT_EQ(ledger_.totals().delivered, whole);
  writer().give_up();
  EXPECT_EQ(targets().size(), whole);
  EXPECT_EQ(ledger_.totals().lost[static_cast<std::size_t>(LossReason::disk_full)], 6 - whole);
  EXPECT_EQ(released_, 6U);
}

TEST_F(RecordingWriterTest, ALineLargerThanTheRoomLeavesNoHalf) {
  add("/small");
  writer().flush();
  const std::size_t size = content_of(path_).size();
  const FileSizeLimit limit(size + AppendFile::buffer_size + 1000);
  writer().add(queued(make_exchange(capture_post("text/plain", std::string(1 << 20, 'x')), "")));
  EXPECT_TRUE(writer().paused());
  EXPECT_EQ(targets(), Targets{"/small"});
  limit.set(RLIM_INFINITY);
  writer().retry_now();
  EXPECT_EQ(targets(), (Targets{"/small", "/submit"}));
}

TEST_F(RecordingWriterTest, ADeviceThatIsFull) {
  options_.path = "/dev/full";
  add("/1");
  writer().flush();
  EXPECT_EQ(writer().pause_reason(), LossReason::disk_full);
  writer().give_up();
  EXPECT_EQ(ledger_.totals().lost[static_cast<std::size_t>(LossReason::disk_full)], 1U);
}

TEST_F(RecordingWriterTest, WhatIsGivenUpWithoutTroubleIsLostToShutdown) {
  add("/1");
  writer().give_up();
  EXPECT_EQ(ledger_.totals().lost[static_cast<std::size_t>(LossReason::shutdown)], 1U);
  EXPECT_EQ(released_, 1U);
  EXPECT_EQ(content_of(path_), "");
}

TEST_F(RecordingWriterTest, SecretsNeverReachTheDiskByDefault) {
  const auto request = capture_get("/",
                                   "Authorization: Bearer opensesame\r\nCookie: sid=opensesame\r\n"
                                   "Proxy-Authorization: Basic opensesame\r\nX-Open: open\r\n");
  const std::string text =
      recorded(make_exchange(request, "HTTP/1.1 200 OK\r\nSet-Cookie: sid=opensesame\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(text.find("opensesame"), std::string::npos);
  EXPECT_NE(text.find("[\"Authorization\",\"[redacted]\"],[\"Cookie\",\"[redacted]\"]"), std::string::npos);
  EXPECT_NE(text.find("[\"Set-Cookie\",\"[redacted]\"]"), std::string::npos);
  EXPECT_NE(text.find("[\"X-Open\",\"open\"]"), std::string::npos);
}

TEST_F(RecordingWriterTest, SecretsAreKeptOnRequest) {
  RuleOptions options;
  options.keep_secrets = true;
  rules_.set(rules_of(options));
  EXPECT_NE(recorded(make_exchange(capture_get("/", "Cookie: sid=opensesame\r\n"), "")).find("sid=opensesame"),
            std::string::npos);
}

TEST_F(RecordingWriterTest, ARedactedBodyIsDescribedAsItIsRecorded) {
  RuleOptions options;
  options.redact = {"json:k", "param:token"};
  rules_.set(rules_of(options));
  const auto exchange = make_exchange(
      capture_get("/?token=opensesame"),
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{\"k\":\"opensesame!!\"}");
  const std::string text = recorded(exchange);
  EXPECT_NE(text.find("\"target\":\"/?token=%5Bredacted%5D\""), std::string::npos) << text;
  EXPECT_NE(text.find("[\"Content-Length\",\"20\"]"), std::string::npos);  // as it was on the wire
  // The digest and the base64 are of {"k":"[redacted]"}.
  EXPECT_NE(text.find("\"body_length\":18,\"body_sha256\":"
                      "\"37c88ff8361f18fd7f7b9345bb47509eae4de4ce8633dc5f00d54da0233fdc10\","
                      "\"body_base64\":\"eyJrIjoiW3JlZGFjdGVkXSJ9\""),
            std::string::npos)
      << text;
}

TEST_F(RecordingWriterTest, ChunkedBodiesAreRecordedByTheirContent) {
  const auto request = test::capture_request(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2;x=y\r\nbc\r\n0\r\nT: 1\r\n\r\n");
  const std::string text = recorded(make_exchange(request, ""));
  EXPECT_NE(text.find("\"body_length\":3,\"body_sha256\":"
                      "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\",\"body_base64\":\"YWJj\""),
            std::string::npos);
  EXPECT_NE(text.find("\"response\":null,\"complete\":true"), std::string::npos);
}

TEST_F(RecordingWriterTest, ResponsesCarryTheirStatusAndWhetherTheyWereCut) {
  auto exchange = std::make_shared<Exchange>();
  exchange->request = capture_get("/");
  exchange->response = CapturedResponse{exchange->request->last_byte, exchange->request->last_byte,
                                        test::read_response("HTTP/1.1 503 Busy\r\nContent-Length: 1\r\n\r\nx"), false};
  const std::string text = recorded(exchange);
  EXPECT_NE(text.find("\"status\":503,\"reason\":\"Busy\",\"version\":\"1.1\""), std::string::npos);
  EXPECT_NE(text.find("\"complete\":false}\n"), std::string::npos);
}

}  // namespace
}  // namespace understudy
