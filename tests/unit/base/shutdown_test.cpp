#include "traffic/base/shutdown.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace understudy {
namespace {

constexpr Nanoseconds no_wait = Nanoseconds::zero();
constexpr Nanoseconds long_wait = std::chrono::seconds(30);

std::unique_ptr<ControlSignals> install() {
  auto installed = ControlSignals::install();
  EXPECT_TRUE(installed) << (installed ? "" : installed.error().message);
  return std::move(installed).value();
}

TEST(Shutdown, WhatIsAskedIsToldOnceAndStopsComeFirst) {
  const auto signals = install();
  EXPECT_EQ(signals->wait(no_wait), ControlEvent::none);
  ControlSignals::ask(ControlEvent::reload);
  ControlSignals::ask(ControlEvent::reload);
  ControlSignals::ask(ControlEvent::stop);
  EXPECT_TRUE(signals->stop_requested());
  EXPECT_EQ(signals->wait(long_wait), ControlEvent::stop);
  EXPECT_EQ(signals->wait(long_wait), ControlEvent::reload);
  EXPECT_EQ(signals->wait(no_wait), ControlEvent::none);
  ControlSignals::ask(ControlEvent::stop);
  EXPECT_EQ(signals->wait(long_wait), ControlEvent::stop_now);
}

TEST(Shutdown, AWaitingThreadIsWoken) {
  const auto signals = install();
  std::thread other([] { ControlSignals::ask(ControlEvent::reload); });
  EXPECT_EQ(signals->wait(long_wait), ControlEvent::reload);
  other.join();
}

TEST(Shutdown, AskedBeforeItIsInstalledIsKept) {
  ControlSignals::ask(ControlEvent::stop);
  {
    const auto signals = install();
    EXPECT_EQ(signals->wait(no_wait), ControlEvent::stop);
  }
  EXPECT_EQ(install()->wait(no_wait), ControlEvent::none);
}

}  // namespace
}  // namespace understudy
