#include "traffic/base/shutdown.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <thread>

namespace understudy {
namespace {

constexpr Nanoseconds no_wait = Nanoseconds::zero();
constexpr Nanoseconds long_wait = std::chrono::seconds(30);

class ControlSignalsTest : public testing::Test {
 protected:
  void SetUp() override {
    Result<std::unique_ptr<ControlSignals>> installed = ControlSignals::install();
    ASSERT_TRUE(installed);
    signals_ = std::move(*installed);
  }
  std::unique_ptr<ControlSignals> signals_;
};

TEST_F(ControlSignalsTest, NothingAskedIsNone) {
  EXPECT_EQ(signals_->wait(no_wait), ControlEvent::none);
  EXPECT_FALSE(signals_->stop_requested());
}

TEST_F(ControlSignalsTest, StopIsToldOnceAndASecondOneIsNow) {
  std::raise(SIGTERM);
  EXPECT_TRUE(signals_->stop_requested());
  EXPECT_EQ(signals_->wait(long_wait), ControlEvent::stop);
  EXPECT_EQ(signals_->wait(no_wait), ControlEvent::none);
  std::raise(SIGINT);
  EXPECT_EQ(signals_->wait(long_wait), ControlEvent::stop_now);
  std::raise(SIGINT);
  EXPECT_EQ(signals_->wait(no_wait), ControlEvent::none);
}

TEST_F(ControlSignalsTest, ReloadsBeforeAWaitAreOneAndComeAfterStops) {
  std::raise(SIGHUP);
  std::raise(SIGHUP);
  std::raise(SIGTERM);
  EXPECT_EQ(signals_->wait(long_wait), ControlEvent::stop);
  EXPECT_EQ(signals_->wait(long_wait), ControlEvent::reload);
  EXPECT_EQ(signals_->wait(no_wait), ControlEvent::none);
}

TEST_F(ControlSignalsTest, AWaitingThreadIsWoken) {
  std::thread other([] { ::kill(::getpid(), SIGHUP); });
  EXPECT_EQ(signals_->wait(long_wait), ControlEvent::reload);
  other.join();
}

TEST_F(ControlSignalsTest, AFloodOfSignalsLosesNothing) {
  for (int i = 0; i < 100'000; ++i) std::raise(SIGHUP);  // more than the pipe holds
  std::raise(SIGTERM);
  EXPECT_EQ(signals_->wait(long_wait), ControlEvent::stop);
  EXPECT_EQ(signals_->wait(long_wait), ControlEvent::reload);
  EXPECT_EQ(signals_->wait(no_wait), ControlEvent::none);
}

TEST_F(ControlSignalsTest, AClosedPipeIsAnErrorAndNotTheEnd) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ::close(ends[0]);
  EXPECT_EQ(::write(ends[1], "x", 1), -1);
  ::close(ends[1]);
}

TEST_F(ControlSignalsTest, HandlersAreRestored) {
  signals_.reset();
  struct sigaction action {};
  ASSERT_EQ(::sigaction(SIGTERM, nullptr, &action), 0);
  EXPECT_EQ(action.sa_handler, SIG_DFL);
  SetUp();  // and it can be installed again, with nothing left of before
  EXPECT_FALSE(signals_->stop_requested());
}

}  // namespace
}  // namespace understudy
