#include "traffic/pipeline/recording_sink.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/files.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/messages.hpp"
#include "traffic/recording/take_reader.hpp"

namespace understudy {
namespace {

using test::capture_get;
using test::content_of;
using test::make_exchange;

// Real threads and the real clock, so these tests wait for events and never for a time; the bounds only end a hang.
constexpr auto patience = std::chrono::seconds(60);
constexpr auto never = std::chrono::hours(1);

class RecordingSinkTest : public testing::Test {
 protected:
  RecordingSinkTest() {
    options_.path = path_.string();
    options_.flush_interval = never;
    options_.retry_interval = never;
    options_.on_trouble = [this](const RecordingTrouble&) { ++troubles_; };
  }

  [[nodiscard]] std::unique_ptr<RecordingSink> open() {
    auto sink = RecordingSink::open(options_, rules_, ledger_);
    EXPECT_TRUE(sink) << (sink ? "" : sink.error().message);
    return std::move(sink).value();
  }
  static void drain(RecordingSink& sink) { sink.drain(system_clock().monotonic_now() + patience); }
  static ExchangePtr exchange(unsigned worker, int number) {
    return make_exchange(capture_get("/" + std::to_string(worker) + "/" + std::to_string(number)), "");
  }
  [[nodiscard]] std::uint64_t lost(LossReason reason) const {
    return ledger_.totals().lost[static_cast<std::size_t>(reason)];
  }
  // Numbers of a worker's lines, in their order in the text.
  static std::vector<int> numbers_of(unsigned worker, const std::string& text) {
    std::vector<int> numbers;
    const std::string mark = "\"target\":\"/" + std::to_string(worker) + "/";
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
      numbers.push_back(std::stoi(text.substr(at + mark.size(), 10)));
    }
    return numbers;
  }

  test::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_.path() / "out.jsonl";
  CurrentRules rules_{compile_rules({}).value()};
  Ledger ledger_;
  RecordingOptions options_;
  std::atomic<int> troubles_{0};
};

TEST_F(RecordingSinkTest, NeedsWholeExchanges) {
  const auto sink = open();
  EXPECT_EQ(sink->name(), path_.string());
  EXPECT_TRUE(sink->needs().request_bodies && sink->needs().exchanges && sink->needs().response_bodies);
}

TEST_F(RecordingSinkTest, DrainWritesEverythingInEachWorkersOrder) {
  constexpr int count = 3000;
  options_.workers = 3;
  const auto sink = open();
  std::vector<std::thread> workers;
  for (unsigned worker = 0; worker < options_.workers; ++worker) {
    workers.emplace_back([&, worker] {
      for (int i = 0; i < count; ++i) {
        const ExchangePtr ended = exchange(worker, i);
        sink->on_request(ended->request, worker);
        test::offer(*sink, ended, worker);
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  drain(*sink);
  const LedgerTotals totals = ledger_.totals();
  EXPECT_EQ(totals.seen, 3U * count);
  EXPECT_EQ(totals.delivered, 3U * count);
  EXPECT_EQ(totals.in_flight(), 0);
  EXPECT_EQ(sink->queued_exchanges(), 0U);
  EXPECT_EQ(sink->queued_bytes(), 0U);
  const std::string text = content_of(path_);
  for (unsigned worker = 0; worker < options_.workers; ++worker) {
    const std::vector<int> numbers = numbers_of(worker, text);
    ASSERT_EQ(numbers.size(), static_cast<std::size_t>(count));
    EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
  }
}

TEST_F(RecordingSinkTest, ASecondRunAppends) {
  for (int run = 0; run < 2; ++run) {
    options_.instance = "run" + std::to_string(run);
    const auto sink = open();
    test::offer(*sink, exchange(0, run), 0);
    drain(*sink);
  }
  const std::string text = content_of(path_);
  EXPECT_EQ(numbers_of(0, text), (std::vector<int>{0, 1}));
  EXPECT_NE(text.find("\"session\":\"run0-7\""), std::string::npos);
  EXPECT_NE(text.find("\"session\":\"run1-7\""), std::string::npos);
}

TEST_F(RecordingSinkTest, IsWrittenAtTheFlushIntervalWithoutADrain) {
  options_.flush_interval = std::chrono::milliseconds(1);
  const auto sink = open();
  test::offer(*sink, exchange(0, 1), 0);
  const auto until = system_clock().monotonic_now() + patience;
  while (ledger_.totals().delivered == 0 && system_clock().monotonic_now() < until) std::this_thread::yield();
  EXPECT_EQ(numbers_of(0, content_of(path_)), std::vector<int>{1});
}

// A FIFO whose reader does not read: the writer hangs after 64 KiB or so.
class HungReader {
 public:
  explicit HungReader(const std::filesystem::path& path) {
    EXPECT_EQ(mkfifo(path.c_str(), 0600), 0);
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
    EXPECT_GE(descriptor_, 0);
  }
  ~HungReader() { ::close(descriptor_); }
  HungReader(const HungReader&) = delete;
  HungReader& operator=(const HungReader&) = delete;
  // Reads until the writer closes its end.
  std::string read_all() const {
    EXPECT_EQ(fcntl(descriptor_, F_SETFL, 0), 0);
    std::string text;
    char piece[4096];
    for (ssize_t count = 0; (count = ::read(descriptor_, piece, sizeof piece)) > 0;) {
      text.append(piece, static_cast<std::size_t>(count));
    }
    return text;
  }

 private:
  int descriptor_ = -1;
};

TEST_F(RecordingSinkTest, LiveAFullQueueDropsAndNeverBlocks) {
  const HungReader reader(path_);
  options_.queue_items_max = 100;
  const auto sink = open();
  constexpr int count = 20'000;  // the pipe, the buffer and the queue hold far less
  for (int i = 0; i < count; ++i) test::offer(*sink, exchange(0, i), 0);
  EXPECT_GT(lost(LossReason::queue_full), 0U);
  EXPECT_LE(sink->queued_exchanges(), 100U);
  sink->drain(system_clock().monotonic_now());
  const LedgerTotals totals = ledger_.totals();
  EXPECT_EQ(totals.seen, static_cast<std::uint64_t>(count));
  EXPECT_EQ(totals.in_flight(), 0);
  EXPECT_GT(lost(LossReason::shutdown), 0U);
  EXPECT_EQ(troubles_, 0);  // a slow reader is no failure
}

TEST_F(RecordingSinkTest, TheQueueIsBoundedByBytes) {
  const HungReader reader(path_);
  options_.queue_bytes_max = 100'000;
  const auto sink = open();
  const ExchangePtr large = make_exchange(test::capture_post("text/plain", std::string(30'000, 'x')), "");
  for (int i = 0; i < 100; ++i) test::offer(*sink, large, 0);
  EXPECT_LE(sink->queued_bytes(), 100'000U);
  EXPECT_GT(lost(LossReason::queue_full), 0U);
  sink->drain(system_clock().monotonic_now());
  EXPECT_EQ(ledger_.totals().in_flight(), 0);
}

TEST_F(RecordingSinkTest, LosslessWaitsForASlowReader) {
  const HungReader reader(path_);
  options_.queue_items_max = 10;
  options_.lossless = true;
  auto sink = open();
  constexpr int count = 5000;
  std::thread worker([&] {
    for (int i = 0; i < count; ++i) test::offer(*sink, exchange(0, i), 0);
    drain(*sink);
    sink.reset();
  });
  const std::string text = reader.read_all();
  worker.join();
  EXPECT_EQ(numbers_of(0, text).size(), static_cast<std::size_t>(count));
  EXPECT_EQ(ledger_.totals().delivered, static_cast<std::uint64_t>(count));
}

TEST_F(RecordingSinkTest, LosslessNeedsNoFlushIntervalToGoOn) {
  options_.queue_items_max = 3;
  options_.lossless = true;
  const auto sink = open();
  for (int i = 0; i < 500; ++i) test::offer(*sink, exchange(0, i), 0);
  drain(*sink);
  EXPECT_EQ(numbers_of(0, content_of(path_)).size(), 500U);
}

TEST_F(RecordingSinkTest, AnExchangeLargerThanTheQueueIsStillRecorded) {
  options_.queue_bytes_max = 1000;
  options_.lossless = true;
  const auto sink = open();
  for (int i = 0; i < 5; ++i) {
    test::offer(*sink, make_exchange(test::capture_post("text/plain", std::string(50'000, 'x')), ""), 0);
  }
  drain(*sink);
  EXPECT_EQ(ledger_.totals().delivered, 5U);
}

TEST_F(RecordingSinkTest, AFullDiskLosesByItsNameAndIsToldOnce) {
  options_.path = "/dev/full";
  options_.queue_items_max = 10;
  options_.lossless = true;  // even so nothing waits: the disk may stay full for ever
  const auto sink = open();
  for (int i = 0; i < 1000; ++i) test::offer(*sink, exchange(0, i), 0);
  drain(*sink);
  const LedgerTotals totals = ledger_.totals();
  EXPECT_EQ(totals.seen, 1000U);
  EXPECT_EQ(lost(LossReason::disk_full), 1000U);
  EXPECT_EQ(totals.in_flight(), 0);
  EXPECT_EQ(troubles_, 1);
}

TEST_F(RecordingSinkTest, RecordsAreHeldForOthersForATime) {
  options_.path = (folder_.path() / "out.take").string();
  options_.format = RecordingFormat::take;
  ManualClock clock;
  const auto sink = RecordingSink::open(options_, rules_, ledger_, clock).value();
  test::offer(*sink, exchange(0, 0), 0);
  sink->on_batch_end(0);
  clock.advance(std::chrono::milliseconds(99));
  test::offer(*sink, exchange(0, 1), 0);
  sink->on_batch_end(0);
  EXPECT_EQ(sink->queued_bytes(), 0U);
  clock.advance(std::chrono::milliseconds(1));
  sink->on_batch_end(0);
  EXPECT_GT(sink->queued_bytes(), 0U);
  const std::size_t before = sink->queued_bytes();
  test::offer(*sink, exchange(0, 2), 0);  // the next one has all its time
  clock.advance(std::chrono::milliseconds(99));
  sink->on_batch_end(0);
  EXPECT_EQ(sink->queued_bytes(), before);
  drain(*sink);
  EXPECT_EQ(ledger_.totals().delivered, 3U);
}

TEST_F(RecordingSinkTest, AFullBatchIsNotHeld) {
  options_.path = (folder_.path() / "out.take").string();
  options_.format = RecordingFormat::take;
  const auto sink = open();
  const ExchangePtr exchange = make_exchange(test::capture_post("text/plain", std::string(4000, 'x')), "");
  for (int i = 0; i < 15; ++i) test::offer(*sink, exchange, 0);
  EXPECT_EQ(sink->queued_bytes(), 0U);
  test::offer(*sink, exchange, 0);
  EXPECT_GT(sink->queued_bytes(), std::size_t{64} << 10U);
  drain(*sink);
  EXPECT_EQ(ledger_.totals().delivered, 16U);
}

TEST_F(RecordingSinkTest, WithAShortFlushIntervalRecordsAreHandedOverWhenTheirBatchEnds) {
  options_.path = (folder_.path() / "out.take").string();
  options_.format = RecordingFormat::take;
  options_.flush_interval = std::chrono::milliseconds(499);
  const auto sink = open();
  test::offer(*sink, exchange(0, 0), 0);
  test::offer(*sink, exchange(0, 1), 0);
  EXPECT_EQ(sink->queued_exchanges(), 2U);
  EXPECT_EQ(sink->queued_bytes(), 0U);
  sink->on_batch_end(0);
  EXPECT_EQ(sink->queued_exchanges(), 2U);
  EXPECT_GT(sink->queued_bytes(), 0U);
  test::offer(*sink, exchange(0, 2), 0);  // its batch does not end
  drain(*sink);
  EXPECT_EQ(ledger_.totals().delivered, 3U);
  EXPECT_EQ(ledger_.totals().in_flight(), 0);
}

TEST_F(RecordingSinkTest, ALargeExchangeStaysBehindTheSmallOnesBeforeIt) {
  options_.path = (folder_.path() / "out.take").string();
  options_.format = RecordingFormat::take;
  const auto sink = open();
  test::offer(*sink, exchange(0, 0), 0);
  const ExchangePtr large = make_exchange(test::capture_post("text/plain", std::string(30'000, 'x')), "");
  test::offer(*sink, large, 0);
  EXPECT_GT(sink->queued_bytes(), 30'000U);
  sink->on_batch_end(0);
  drain(*sink);
  EXPECT_EQ(ledger_.totals().delivered, 2U);
  auto source = open_take(options_.path).value();
  EXPECT_EQ(source->next().value()->request->message.target(), "/0/0");
  EXPECT_EQ(source->next().value()->request->message.body().wire_size(), 30'000U);
}

TEST_F(RecordingSinkTest, ABatchThatCannotBeTakenIsLostWhole) {
  options_.path = "/dev/full";
  options_.format = RecordingFormat::take;
  options_.queue_items_max = 3;
  const auto sink = open();
  for (int i = 0; i < 1000; ++i) {
    test::offer(*sink, exchange(0, i), 0);
    if (i % 7 == 0) sink->on_batch_end(0);
  }
  drain(*sink);
  const LedgerTotals totals = ledger_.totals();
  EXPECT_EQ(totals.seen, 1000U);
  EXPECT_EQ(totals.lost_total(), 1000U);
  EXPECT_GT(lost(LossReason::disk_full), 0U);
  EXPECT_EQ(totals.in_flight(), 0);
}

TEST_F(RecordingSinkTest, AReaderThatGoesAwayIsAWriteFailure) {
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  auto reader = std::make_unique<HungReader>(path_);
  options_.flush_interval = Nanoseconds(0);
  const auto sink = open();
  reader.reset();
  for (int i = 0; i < 10; ++i) test::offer(*sink, exchange(0, i), 0);
  drain(*sink);
  EXPECT_EQ(lost(LossReason::write_failed), 10U);
}

TEST_F(RecordingSinkTest, DestroyedWithoutADrainItStopsAtOnce) {
  const HungReader reader(path_);
  {
    const auto sink = open();
    for (int i = 0; i < 5000; ++i) test::offer(*sink, exchange(0, i), 0);
  }
  EXPECT_EQ(ledger_.totals().in_flight(), 0);
}

TEST_F(RecordingSinkTest, CannotBeOpened) {
  options_.path = "/nonexistent/out.jsonl";
  const auto sink = RecordingSink::open(options_, rules_, ledger_);
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().code, ExitCode::output_failed);
}

}  // namespace
}  // namespace understudy
