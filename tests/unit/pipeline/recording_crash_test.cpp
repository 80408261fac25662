// A process that records is killed at any moment: what it had counted as delivered is in the file, and readable.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/files.hpp"
#include "tests/support/messages.hpp"
#include "traffic/pipeline/recording_sink.hpp"
#include "traffic/recording/take_reader.hpp"

namespace understudy {
namespace {

constexpr int kills = 50;

// What the child tells the parent; in memory that both see.
struct Told {
  std::atomic<std::uint64_t> delivered{0};
  std::atomic<bool> ready{false};
};

// Records as fast as it can, for ever.
[[noreturn]] void record(const std::string& path, Told& told) {
  const CurrentRules rules(compile_rules({}).value());
  Ledger ledger;
  RecordingOptions options;
  options.path = path;
  options.format = RecordingFormat::take;
  options.flush_interval = std::chrono::milliseconds(2);
  options.lossless = true;
  options.queue_items_max = 1000;
  auto sink = RecordingSink::open(std::move(options), rules, ledger).value();
  const std::string filler(300, 'f');
  for (std::uint64_t i = 0;; ++i) {
    auto request = test::capture_get("/" + std::to_string(i), "X-Filler: " + filler + std::to_string(i * i) + "\r\n");
    request->first_byte += std::chrono::microseconds(i);
    test::offer(*sink, test::make_exchange(request, ""), 0);
    told.delivered.store(ledger.totals().delivered);
    told.ready.store(true);
  }
}

struct Recorded {
  std::vector<std::string> targets;
  RecordingReport report;
};

Recorded read(const std::string& path) {
  Recorded recorded;
  auto source = open_take(path);
  if (!source) return recorded;  // nothing whole had been written
  while (const ExchangePtr exchange = (*source)->next().value()) {
    recorded.targets.emplace_back(exchange->request->message.target());
  }
  recorded.report = (*source)->report();
  return recorded;
}

TEST(RecordingCrashTest, KilledAtAnyMomentEverythingDeliveredIsReadable) {
  const test::TemporaryFolder folder;
  void* const shared = mmap(nullptr, sizeof(Told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  std::mt19937 random(11);
  std::uint64_t recorded_in_all = 0;
  for (int kill_number = 0; kill_number < kills; ++kill_number) {
    auto* const told = new (shared) Told();
    const std::string path = (folder.path() / (std::to_string(kill_number) + ".take")).string();
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) record(path, *told);
    while (!told->ready.load()) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));
    ASSERT_EQ(kill(child, SIGKILL), 0);
    const std::uint64_t delivered = told->delivered.load();
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));

    const Recorded recorded = read(path);
    ASSERT_GE(recorded.targets.size(), delivered);
    for (std::size_t i = 0; i < recorded.targets.size(); ++i) {
      ASSERT_EQ(recorded.targets[i], "/" + std::to_string(i));  // none missing in the middle
    }
    recorded_in_all += recorded.targets.size();
    if (recorded.targets.empty()) continue;
    EXPECT_EQ(recorded.report.completeness, Completeness::incomplete);
    EXPECT_NE(recorded.report.damage.back().text.find("ended without its certificate; at most the last 0.002 s"),
              std::string::npos);
  }
  EXPECT_GT(recorded_in_all, 0U);
  munmap(shared, sizeof(Told));
}

}  // namespace
}  // namespace understudy
