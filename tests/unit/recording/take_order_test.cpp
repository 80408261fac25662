#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "tests/unit/recording/take_fixture.hpp"

namespace understudy {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::get_at;
using test::read_back;
using test::ReadBack;
using Targets = std::vector<std::string>;

class TakeOrderTest : public testing::Test {
 protected:
  // One block for each list.
  void write(const std::vector<std::vector<ExchangePtr>>& blocks, Nanoseconds late_after = seconds(1)) {
    TakeEncoderOptions options;
    options.late_after = late_after;
    TakeEncoder encoder(options);
    test::StringSink sink;
    TakeCaptureView view;
    for (const auto& block : blocks) {
      for (const ExchangePtr& exchange : block) EXPECT_TRUE(encoder.add(view.of(*exchange), sink));
      EXPECT_TRUE(encoder.flush(sink));
    }
    TakeLedger ledger;
    EXPECT_TRUE(encoder.finish(&ledger, nullptr, sink));
    test::write_file(path_, sink.text);
  }
  [[nodiscard]] ReadBack read(const TakeReadOptions& options = {}) const { return read_back(path_, options); }
  [[nodiscard]] ReadBack read_piped(const TakeReadOptions& options = {}) const {
    return test::read_back_piped(test::content_of(path_), options);
  }

  test::TemporaryFolder folder_;
  const std::string path_ = (folder_.path() / "x.take").string();
};

TEST_F(TakeOrderTest, WhatEndedLateIsGivenInItsPlace) {
  // /slow began first and ended a minute later, behind everything else.
  write({{get_at(1, "/1"), get_at(2, "/2")}, {get_at(30'000, "/3")}, {get_at(0, "/slow"), get_at(60'000, "/4")}});
  const ReadBack back = read();
  EXPECT_EQ(back.targets(), (Targets{"/slow", "/1", "/2", "/3", "/4"}));
  EXPECT_EQ(back.report.out_of_order, 0U);
  EXPECT_EQ(back.report.completeness, Completeness::complete);
}

// Records that a worker made of exchanges, as they ended.
struct Records {
  std::string bytes;
  TakeRecordRun run;

  explicit Records(const std::vector<ExchangePtr>& exchanges) {
    TakeCaptureView view;
    run.earliest = run.latest = exchanges.front()->request->first_byte;
    for (const ExchangePtr& exchange : exchanges) {
      const TakeExchange& seen = view.of(*exchange);
      const std::size_t begin = bytes.size();
      bytes.resize(begin + take_record_bound(seen));
      bytes.resize(static_cast<std::size_t>(store_take_exchange(bytes.data() + begin, seen) - bytes.data()));
      run.earliest = std::min(run.earliest, exchange->request->first_byte);
      run.latest = std::max(run.latest, exchange->request->first_byte);
      ++run.count;
    }
    run.bytes = bytes;
  }
};

TEST_F(TakeOrderTest, SlowOnesAmongManyThatEndedTogetherAreFoundOut) {
  TakeEncoder encoder({});
  test::StringSink sink;
  EXPECT_TRUE(encoder.add_records(Records({get_at(9000, "/2"), get_at(9100, "/3")}).run, sink));
  EXPECT_EQ(encoder.pending(), 2U);
  EXPECT_TRUE(encoder.add_records(Records({get_at(9200, "/4"), get_at(1, "/slow"), get_at(9300, "/5")}).run, sink));
  EXPECT_EQ(encoder.pending(), 5U);
  EXPECT_TRUE(encoder.finish(nullptr, nullptr, sink));
  EXPECT_EQ(encoder.blocks(), 4U);  // the segment's, the late one's, the others', the end
  test::write_file(path_, sink.text);
  for (const ReadBack& back : {read(), read_piped()}) {
    EXPECT_EQ(back.targets(), (Targets{"/slow", "/2", "/3", "/4", "/5"}));
    EXPECT_EQ(back.report.out_of_order, 0U);
  }
}

TEST_F(TakeOrderTest, ManyTogetherFillBlocksAsOneByOneDoes) {
  TakeEncoder encoder({});
  test::StringSink sink;
  std::vector<ExchangePtr> exchanges;
  for (int i = 0; i < 100; ++i) exchanges.push_back(get_at(i, "/" + std::to_string(i)));
  const Records records(exchanges);
  std::size_t added = 0;
  while (encoder.blocks() == 0) {
    ASSERT_TRUE(encoder.add_records(records.run, sink));
    added += exchanges.size();
    ASSERT_LE(added * records.bytes.size() / exchanges.size(), take_block_target + records.bytes.size());
  }
  EXPECT_EQ(encoder.pending(), 0U);
  EXPECT_TRUE(encoder.finish(nullptr, nullptr, sink));
  test::write_file(path_, sink.text);
  EXPECT_EQ(read().exchanges.size(), added);
}

TEST_F(TakeOrderTest, APipeIsOrderedWithinItsWindow) {
  write({{get_at(500, "/2"), get_at(0, "/1")},
         {get_at(900, "/4"), get_at(700, "/3")},
         {get_at(2500, "/6"), get_at(1600, "/5")}});
  const ReadBack back = read_piped();
  EXPECT_EQ(back.targets(), (Targets{"/1", "/2", "/3", "/4", "/5", "/6"}));
  EXPECT_EQ(back.report.out_of_order, 0U);
}

TEST_F(TakeOrderTest, BehindThePipesWindowItComesLateAndIsCounted) {
  write({{get_at(0, "/1")},
         {get_at(10'000, "/2")},
         {get_at(20'000, "/3")},
         {get_at(1, "/slow")},
         {get_at(30'000, "/4")}});
  const ReadBack back = read_piped();
  EXPECT_EQ(back.exchanges.size(), 5U);
  EXPECT_EQ(back.report.out_of_order, 1U);
  EXPECT_EQ(back.report.completeness, Completeness::complete);  // nothing is missing
}

TEST_F(TakeOrderTest, ASessionsRequestsKeepTheirOrderAtEqualTimes) {
  std::vector<ExchangePtr> exchanges;
  for (int i = 0; i < 200; ++i) exchanges.push_back(get_at(5, "/" + std::to_string(i)));
  write({{exchanges.begin(), exchanges.begin() + 90}, {exchanges.begin() + 90, exchanges.end()}});
  for (const ReadBack& back : {read(), read_piped()}) {
    ASSERT_EQ(back.exchanges.size(), 200U);
    for (std::size_t i = 0; i < 200; ++i) EXPECT_EQ(back.targets()[i], "/" + std::to_string(i));
  }
}

// Slow requests among many fast ones: in blocks of their own, so that order costs little memory.
TEST_F(TakeOrderTest, SlowRequestsDoNotMakeEveryBlockSpanALongTime) {
  TakeEncoder encoder({});
  test::StringSink sink;
  TakeCaptureView view;
  const std::string body(5'000, 'b');
  for (int i = 0; i < 2000; ++i) {
    const bool is_slow = i % 50 == 49;
    auto request = test::capture_post("text/plain", body);
    request->first_byte += milliseconds(100 * (is_slow ? i - 300 : i));
    EXPECT_TRUE(encoder.add(view.of(*test::make_exchange(request, "")), sink));
  }
  TakeLedger ledger;
  EXPECT_TRUE(encoder.finish(&ledger, nullptr, sink));
  test::write_file(path_, sink.text);
  TakeReadOptions options;
  options.held_bytes_max = 1'500'000;  // all of it is 10 MB; 30 s of it are 1.5 MB
  const ReadBack back = read(options);
  EXPECT_EQ(back.exchanges.size(), 2000U);
  EXPECT_EQ(back.report.out_of_order, 0U);
}

TEST_F(TakeOrderTest, PastTheMemoryBoundTheEarliestIsGivenAndTheDisorderCounted) {
  std::vector<std::vector<ExchangePtr>> blocks;
  for (int i = 0; i < 100; ++i)
    blocks.push_back({get_at(1'000'000 - i, "/" + std::to_string(i)), get_at(500, "/early")});
  write(blocks, std::chrono::hours(1));  // not taken apart
  TakeReadOptions options;
  options.held_bytes_max = 20'000;
  const ReadBack back = read(options);
  EXPECT_EQ(back.exchanges.size(), 200U);
  EXPECT_GT(back.report.out_of_order, 0U);
  EXPECT_EQ(read().report.out_of_order, 0U);
}

TEST_F(TakeOrderTest, AWindowOfTimeIsGivenAlone) {
  std::vector<std::vector<ExchangePtr>> blocks;
  for (int i = 0; i < 100; ++i) blocks.push_back({get_at(1000 * i, "/" + std::to_string(i))});
  write(blocks);
  TakeReadOptions options;
  options.from = RecordingTime::after(seconds(10));
  options.to = RecordingTime::after(seconds(13));
  EXPECT_EQ(read(options).targets(), (Targets{"/10", "/11", "/12"}));
  EXPECT_EQ(read_piped(options).targets(), (Targets{"/10", "/11", "/12"}));
  options.from = RecordingTime::at(get_at(98'000, "/")->request->first_byte);
  options.to.reset();
  EXPECT_EQ(read(options).targets(), (Targets{"/98", "/99"}));
  options.to = RecordingTime::after(seconds(1));
  EXPECT_EQ(read(options).targets(), Targets{});
}

TEST_F(TakeOrderTest, BlocksOutsideTheWindowAreNotUnpacked) {
  write({{get_at(0, "/0")}, {get_at(5000, "/1")}, {get_at(9000, "/2")}});
  std::string content = test::content_of(path_);
  content[content.find(take_marker, 200) - 3] ^= 1;  // somewhere in a payload outside the window
  test::write_file(path_, content);
  TakeReadOptions options;
  options.from = RecordingTime::after(seconds(9));
  EXPECT_EQ(read(options).targets(), Targets{"/2"});
}

// A live pipe: what came before a pause is given although nothing has come since.
TEST_F(TakeOrderTest, APauseOfAPipeHoldsNothingBack) {
  write({{get_at(0, "/1"), get_at(1, "/2")}});
  const std::string content = test::content_of(path_);
  const std::string fifo = (folder_.path() / "fifo").string();
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const int writer = ::open(fifo.c_str(), O_RDWR);  // both ends, so that opening does not wait
  TakeReadOptions options;
  options.pipe_window = milliseconds(1);
  auto source = open_take(fifo, options);
  ASSERT_TRUE(source);
  ASSERT_EQ(::write(writer, content.data(), content.size()), static_cast<ssize_t>(content.size()));
  for (const char* target : {"/1", "/2"}) {
    auto exchange = (*source)->next();
    ASSERT_TRUE(exchange && *exchange);
    EXPECT_EQ((*exchange)->request->message.target(), target);
  }
  ::close(writer);
  auto end = (*source)->next();
  ASSERT_TRUE(end);
  EXPECT_EQ(*end, nullptr);
  EXPECT_EQ((*source)->report().completeness, Completeness::complete);
}

}  // namespace
}  // namespace understudy
