#include "agent/safety/watchdog.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

constexpr Nanoseconds second = std::chrono::seconds(1);

class WatchdogTest : public testing::Test {
 protected:
  std::optional<std::string> after(int seconds, std::uint64_t packets) {
    now_ += seconds * second;
    return watchdog_.observe(now_, packets);
  }
  MonotonicTime now_{1000 * second};
  Result<PortSockets> sockets_ = PortSockets{};
  int reads_ = 0;
  Watchdog watchdog_{10 * second, [this] {
                       ++reads_;
                       return sockets_;
                     }};
};

TEST_F(WatchdogTest, WhilePacketsComeTheTableIsNotRead) {
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_EQ(after(5, i), std::nullopt);
  EXPECT_EQ(reads_, 0);
  EXPECT_EQ(watchdog_.state(), WatchdogState::ok);
}

TEST_F(WatchdogTest, ConnectionsWithoutPacketsAreAWarningOnce) {
  sockets_->established = 12;
  EXPECT_EQ(after(0, 0), std::nullopt);
  EXPECT_EQ(after(9, 0), std::nullopt);
  const std::optional<std::string> text = after(1, 0);
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("12 connections"), std::string::npos);
  EXPECT_NE(text->find("10 s"), std::string::npos);
  EXPECT_EQ(watchdog_.state(), WatchdogState::warning);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(after(1, 0), std::nullopt);
  EXPECT_EQ(reads_, 6);  // once in each quiet time, no oftener
}

TEST_F(WatchdogTest, PacketsEndTheWarningAndItCanComeAgain) {
  sockets_->established = 1;
  (void)after(0, 0);
  EXPECT_TRUE(after(10, 0));
  EXPECT_EQ(after(1, 7), std::nullopt);
  EXPECT_EQ(watchdog_.state(), WatchdogState::ok);
  EXPECT_TRUE(after(10, 7));
}

TEST_F(WatchdogTest, WithoutConnectionsItIsIdle) {
  (void)after(0, 0);
  EXPECT_EQ(after(10, 0), std::nullopt);
  EXPECT_EQ(watchdog_.state(), WatchdogState::idle);
  sockets_->established = 1;
  EXPECT_TRUE(after(10, 0));
}

TEST_F(WatchdogTest, ATableThatCannotBeReadSaysNothing) {
  sockets_ = fail(ExitCode::permission, "no /proc");
  (void)after(0, 0);
  EXPECT_EQ(after(10, 0), std::nullopt);
  EXPECT_EQ(watchdog_.state(), WatchdogState::ok);
}

}  // namespace
}  // namespace understudy
