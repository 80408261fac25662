// The writer with `.take` files: what redaction leaves, full disks, rotation, certificates. All by manual time.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/file_size_limit.hpp"
#include "tests/support/files.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/messages.hpp"
#include "traffic/pipeline/recording_writer.hpp"
#include "traffic/recording/take_reader.hpp"

namespace understudy {
namespace {

using std::chrono::seconds;
using test::capture_get;
using test::FileSizeLimit;
using test::make_exchange;
using Names = std::vector<std::string>;

struct Recorded {
  std::vector<ExchangePtr> exchanges;
  RecordingReport report;
};

class RecordingTakeTest : public testing::Test {
 protected:
  RecordingTakeTest() {
    options_.path = (folder_.path() / "out.take").string();
    options_.on_trouble = [this](const RecordingTrouble& trouble) { troubles_.push_back(trouble.message); };
    options_.on_rotation = [this](const std::string& message) { rotations_.push_back(message); };
  }

  RecordingWriter& writer() {
    if (writer_) return *writer_;
    RecordingFiles files({options_.path, RecordEnd::none, options_.rotation,
                          [](const std::filesystem::path& path) { return origin_of_take(path, "host") == "here"; }});
    TakeRecordingOptions take;
    take.origin = {{"host", "here"}, {"flush", "1 s"}};
    take.ledger = [this] {
      TakeLedger ledger;
      ledger.recording = ledger_.totals();
      ledger.recording.seen = ledger.capture.seen = ledger.capture.delivered = seen_;
      return ledger;
    };
    auto file = files.open(clock_.wall_now()).value();
    writer_ = std::make_unique<RecordingWriter>(options_, std::move(files), std::move(file),
                                                make_take_encoder(std::move(take), clock_), rules_,
                                                ledger_.make_shard(), clock_, [](const RecordingWriter::Item&) {});
    return *writer_;
  }
  void add(const ExchangePtr& exchange) {
    ++seen_;
    QueuedRecords records;
    OfferedExchange offered(exchange);
    if (batch_.add(offered)) {
      records = batch_.take();
    } else {
      records.exchange = exchange;
    }
    writer().add({std::move(records), 1, 0});
  }
  void add(const std::string& target) { add(make_exchange(capture_get(target), "")); }
  // Text that does not compress, so that sizes are as expected.
  void add_noise(std::size_t size) {
    std::string body;
    while (body.size() < size) {
      noise_ = noise_ * 6364136223846793005U + 1442695040888963407U;
      body += static_cast<char>(noise_ >> 56U);
    }
    add(make_exchange(test::capture_post("text/plain", body), ""));
  }
  void set_rules(const RuleOptions& options) { rules_.set(compile_rules(options).value()); }

  static Recorded read(const std::string& path) {
    Recorded recorded;
    auto source = open_take(path);
    EXPECT_TRUE(source) << (source ? "" : source.error().message);
    if (!source) return recorded;
    while (ExchangePtr exchange = (*source)->next().value()) recorded.exchanges.push_back(std::move(exchange));
    recorded.report = (*source)->report();
    return recorded;
  }
  [[nodiscard]] Recorded read() const { return read(options_.path); }
  [[nodiscard]] Recorded finish_and_read() {
    writer().finish();
    return read();
  }
  [[nodiscard]] Names names() const {
    Names names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  static Names targets(const Recorded& recorded) {
    Names targets;
    for (const ExchangePtr& exchange : recorded.exchanges) targets.emplace_back(exchange->request->message.target());
    return targets;
  }

  test::TemporaryFolder folder_;
  ManualClock clock_;  // at 2019-12-20T00:00:00Z
  CurrentRules rules_{compile_rules({}).value()};
  RecordBatch batch_{rules_};
  Ledger ledger_;
  RecordingOptions options_;
  Names troubles_;
  Names rotations_;
  std::uint64_t seen_ = 0;
  std::uint64_t noise_ = 1;
  std::unique_ptr<RecordingWriter> writer_;
};

TEST_F(RecordingTakeTest, WhatIsNotRedactedIsRecordedByteForByte) {
  const auto exchange =
      make_exchange(test::capture_request(
                        "POST /x HTTP/1.1\r\nhOST:  a \r\nTransfer-Encoding: chunked\r\n\r\n2;e=1\r\nab\r\n0\r\n\r\n"),
                    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
  add(exchange);
  const Recorded recorded = finish_and_read();
  ASSERT_EQ(recorded.exchanges.size(), 1U);
  const HttpMessage& request = recorded.exchanges[0]->request->message;
  EXPECT_EQ(request.raw_head(), exchange->request->message.raw_head());
  EXPECT_EQ(request.body().wire_size(), exchange->request->message.body().wire_size());
  EXPECT_EQ(request.framing(), BodyFraming::chunked);
  EXPECT_EQ(recorded.report.completeness, Completeness::complete);
}

TEST_F(RecordingTakeTest, ARedactedValueStandsInTheOldOnesPlace) {
  RuleOptions options;
  options.redact = {"param:token"};
  set_rules(options);
  add(make_exchange(
      test::capture_request("GET /?token=opensesame&a=1 HTTP/1.1\r\nhost: x\r\nCOOKIE:   sid=opensesame  \r\n"
                            "Odd:value\r\nAuthorization: Bearer opensesame\r\n\r\n"),
      "HTTP/1.1 200 OK\r\nSet-Cookie: sid=opensesame\r\nContent-Length: 0\r\n\r\n"));
  const Recorded recorded = finish_and_read();
  ASSERT_EQ(recorded.exchanges.size(), 1U);
  EXPECT_EQ(recorded.exchanges[0]->request->message.raw_head(),
            "GET /?token=%5Bredacted%5D&a=1 HTTP/1.1\r\nhost: x\r\nCOOKIE:   [redacted]  \r\nOdd:value\r\n"
            "Authorization: [redacted]\r\n\r\n");
  EXPECT_EQ(recorded.exchanges[0]->response->message.raw_head(),
            "HTTP/1.1 200 OK\r\nSet-Cookie: [redacted]\r\nContent-Length: 0\r\n\r\n");
}

TEST_F(RecordingTakeTest, ARedactedBodyGetsItsLengthAndLosesItsChunks) {
  RuleOptions options;
  options.redact = {"json:k", "header:Content-Length"};
  set_rules(options);
  add(make_exchange(
      test::capture_request("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n"
                            "Trailer: T\r\n\r\n14\r\n{\"k\":\"opensesame!!\"}\r\n0\r\nT: 1\r\n\r\n"),
      "HTTP/1.1 200 OK\r\nContent-Length: 20\r\nContent-Type: application/json\r\n\r\n{\"k\":\"opensesame!!\"}"));
  const Recorded recorded = finish_and_read();
  ASSERT_EQ(recorded.exchanges.size(), 1U);
  const HttpMessage& request = recorded.exchanges[0]->request->message;
  EXPECT_EQ(request.raw_head(), "POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 18\r\n\r\n");
  EXPECT_EQ(request.body().content(), R"({"k":"[redacted]"})");
  const HttpMessage& response = recorded.exchanges[0]->response->message;
  EXPECT_EQ(response.raw_head(), "HTTP/1.1 200 OK\r\nContent-Length: 18\r\nContent-Type: application/json\r\n\r\n");
  EXPECT_EQ(response.body().content(), R"({"k":"[redacted]"})");
}

TEST_F(RecordingTakeTest, IsInTheFileAtTheFlushInterval) {
  add("/1");
  clock_.advance(seconds(1));
  writer().tick();
  Recorded recorded = read();
  EXPECT_EQ(targets(recorded), Names{"/1"});
  EXPECT_EQ(recorded.report.completeness, Completeness::incomplete);  // no certificate yet
  EXPECT_EQ(ledger_.totals().delivered, 1U);
  recorded = finish_and_read();
  EXPECT_EQ(recorded.report.completeness, Completeness::complete);
  EXPECT_EQ(recorded.report.ledger->delivered, 1U);
}

TEST_F(RecordingTakeTest, ARunOfTheAgentThatCrashedLeavesARecentLedger) {
  add("/1");
  writer().flush();
  EXPECT_FALSE(read().report.ledger);
  clock_.advance(seconds(10));
  add("/2");
  writer().flush();
  const Recorded recorded = read();
  ASSERT_TRUE(recorded.report.ledger);
  EXPECT_EQ(recorded.report.ledger->seen, 2U);
}

TEST_F(RecordingTakeTest, ASecondRunAppendsItsSegment) {
  for (const char* target : {"/1", "/2"}) {
    add(target);
    writer().finish();
    writer_.reset();
  }
  const Recorded recorded = read();
  EXPECT_EQ(targets(recorded), (Names{"/1", "/2"}));
  EXPECT_EQ(recorded.report.completeness, Completeness::complete);
}

TEST_F(RecordingTakeTest, ARunWithoutTrafficIsCertifiedToo) {
  EXPECT_EQ(finish_and_read().report.completeness, Completeness::complete);
}

TEST_F(RecordingTakeTest, AFullDiskPausesAndNothingIsLostWhenThereIsRoomAgain) {
  const FileSizeLimit limit(2000);
  for (int i = 0; i < 10 && !writer().paused(); ++i) {
    add_noise(600);
    writer().flush();
  }
  ASSERT_TRUE(writer().paused());
  EXPECT_EQ(writer().pause_reason(), LossReason::disk_full);
  const std::size_t whole = read().exchanges.size();
  EXPECT_GT(whole, 0U);
  EXPECT_EQ(ledger_.totals().delivered, whole);
  EXPECT_EQ(read().report.damages, 1U);  // only the certificate is missing: no half block
  clock_.advance(seconds(5));
  writer().tick();
  EXPECT_TRUE(writer().paused());
  limit.set(RLIM_INFINITY);
  clock_.advance(seconds(5));
  writer().tick();
  EXPECT_FALSE(writer().paused());
  add_noise(600);
  const Recorded recorded = finish_and_read();
  EXPECT_EQ(recorded.exchanges.size(), seen_);
  EXPECT_EQ(recorded.report.completeness, Completeness::complete);
  EXPECT_EQ(troubles_.size(), 2U);
}

TEST_F(RecordingTakeTest, ADiskThatIsFullFromTheFirstByteOn) {
  const FileSizeLimit limit(10);
  add("/1");
  writer().flush();
  EXPECT_TRUE(writer().paused());
  EXPECT_EQ(std::filesystem::file_size(options_.path), 0U);
  limit.set(RLIM_INFINITY);
  writer().retry_now();
  const Recorded recorded = finish_and_read();
  EXPECT_EQ(targets(recorded), Names{"/1"});
  EXPECT_EQ(recorded.report.completeness, Completeness::complete);
}

TEST_F(RecordingTakeTest, ACertificateThatDoesNotFitIsTakenBack) {
  add("/1");
  writer().flush();
  const auto size = std::filesystem::file_size(options_.path);
  const FileSizeLimit limit(size + 20);
  writer().finish();
  EXPECT_TRUE(writer().paused());
  EXPECT_EQ(std::filesystem::file_size(options_.path), size);
  limit.set(RLIM_INFINITY);
  writer().retry_now();
  EXPECT_EQ(finish_and_read().report.completeness, Completeness::complete);
}

TEST_F(RecordingTakeTest, AnExchangeLargerThanTheRoomLeavesNoPart) {
  add("/small");
  writer().flush();
  const auto size = std::filesystem::file_size(options_.path);
  const FileSizeLimit limit(size + 700'000);
  add_noise(3'000'000);
  EXPECT_TRUE(writer().paused());
  EXPECT_EQ(std::filesystem::file_size(options_.path), size);
  limit.set(RLIM_INFINITY);
  writer().retry_now();
  const Recorded recorded = finish_and_read();
  EXPECT_EQ(recorded.exchanges.size(), 2U);
  EXPECT_EQ(recorded.report.completeness, Completeness::complete);
}

TEST_F(RecordingTakeTest, ChangesFilesOnTheHour) {
  options_.path = (folder_.path() / "%Y%m%d-%H%M.take").string();
  options_.rotation.period = std::chrono::hours(1);
  add("/1");
  clock_.advance(std::chrono::minutes(59));
  writer().tick();
  EXPECT_EQ(names(), Names{"20191220-0000.take"});
  const auto due = writer().next_due();
  ASSERT_TRUE(due);
  EXPECT_EQ(*due - clock_.monotonic_now(), std::chrono::minutes(1));
  clock_.advance(std::chrono::minutes(1));
  writer().tick();
  add("/2");
  writer().finish();
  EXPECT_EQ(names(), (Names{"20191220-0000.take", "20191220-0100.take"}));
  for (int i = 0; i < 2; ++i) {
    const Recorded recorded = read((folder_.path() / names()[static_cast<std::size_t>(i)]).string());
    EXPECT_EQ(targets(recorded), Names{"/" + std::to_string(i + 1)});
    EXPECT_EQ(recorded.report.completeness, Completeness::complete);
    EXPECT_EQ(recorded.report.ledger->seen, 1U);  // its own share
  }
  EXPECT_EQ(rotations_, Names{"the recording goes on in '" + (folder_.path() / names()[1]).string() + "'"});
}

TEST_F(RecordingTakeTest, ChangesFilesAtASizeAndKeepsATotal) {
  options_.rotation = {Nanoseconds(0), 10'000, 35'000};
  for (int i = 0; i < 20; ++i) {
    add_noise(11'000);
    writer().flush();
    writer().tick();
  }
  std::uintmax_t total = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) total += entry.file_size();
  EXPECT_LE(total, 35'000U);
  EXPECT_GT(total, 15'000U);
  const Names left = names();
  EXPECT_GE(left.size(), 3U);
  EXPECT_EQ(std::count(left.begin(), left.end(), "out.take"), 0);  // the oldest
  EXPECT_EQ(std::count(left.begin(), left.end(), "out.20.take"), 1);
  EXPECT_TRUE(std::any_of(rotations_.begin(), rotations_.end(),
                          [](const std::string& text) { return text.starts_with("removed '"); }));
}

TEST_F(RecordingTakeTest, ANameThatExistsIsNeverUsedAgain) {
  options_.path = (folder_.path() / "%Y%m%d.take").string();
  for (int run = 0; run < 3; ++run) {
    add("/" + std::to_string(run));
    writer().finish();
    writer_.reset();
  }
  EXPECT_EQ(names(), (Names{"20191220.1.take", "20191220.2.take", "20191220.take"}));
}

TEST_F(RecordingTakeTest, TheTotalCountsEarlierRunsFilesAndNobodyElses) {
  options_.rotation = {Nanoseconds(0), 10'000, 30'000};
  for (int run = 0; run < 2; ++run) {
    add_noise(12'000);
    writer().finish();
    writer_.reset();
  }
  const auto foreign = folder_.path() / "out.77.take";
  std::ofstream(foreign) << std::string(50'000, 'x');  // has the name, and is no recording of this host
  const auto other = folder_.path() / "other.take";
  std::ofstream(other) << std::string(50'000, 'x');
  add_noise(12'000);
  writer().finish();
  writer().tick();
  EXPECT_EQ(names(), (Names{"other.take", "out.1.take", "out.77.take", "out.78.take", "out.79.take"}));
}

TEST_F(RecordingTakeTest, WhereTheNextFileCannotBeOpenedTheOldOneGoesOn) {
  std::filesystem::create_directory(folder_.path() / "sub");
  options_.path = (folder_.path() / "sub" / "out.take").string();
  options_.rotation.size_max = 1;
  add("/1");
  writer().flush();
  std::filesystem::rename(folder_.path() / "sub", folder_.path() / "moved");
  writer().tick();
  ASSERT_EQ(rotations_.size(), 1U);
  EXPECT_NE(rotations_[0].find("cannot open the recording"), std::string::npos);
  add("/2");
  writer().flush();
  writer().tick();
  EXPECT_EQ(rotations_.size(), 1U);  // not told again
  std::filesystem::rename(folder_.path() / "moved", folder_.path() / "sub");
  clock_.advance(seconds(5));
  writer().tick();
  add("/3");
  writer().finish();
  const Recorded first = read((folder_.path() / "sub" / "out.take").string());
  EXPECT_EQ(targets(first), (Names{"/1", "/2"}));
  EXPECT_EQ(first.report.completeness, Completeness::complete);
  EXPECT_EQ(targets(read((folder_.path() / "sub" / "out.1.take").string())), Names{"/3"});
}

TEST(RecordingNameTest, TellsTheFormat) {
  EXPECT_EQ(recording_format_of("-").value(), RecordingFormat::jsonl);
  EXPECT_EQ(recording_format_of("/a/b.jsonl").value(), RecordingFormat::jsonl);
  EXPECT_EQ(recording_format_of("%Y.take").value(), RecordingFormat::take);
  const auto other = recording_format_of("/a/b.json");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ExitCode::usage);
}

}  // namespace
}  // namespace understudy
