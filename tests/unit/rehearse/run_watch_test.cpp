#include "replay/rehearse/run_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/unit/environment/service.hpp"

namespace understudy {
namespace {

using test::answer;
using test::health_body;
using testing::HasSubstr;

// Waits until the watch has something to say; the test's own time-out ends a watch that never has.
[[nodiscard]] std::string reason_of(const RunWatch& watch) {
  while (!watch.stop_reason()) std::this_thread::yield();
  return *watch.stop_reason();
}

[[nodiscard]] std::unique_ptr<RunWatch> watch(const test::Service& service) {
  EnvironmentOptions options;
  options.http = service.options();
  HealthPayload build;
  build.build_version = "1.0";
  build.build_timestamp = "2016-07-27T04:53:04+00:00";
  return std::make_unique<RunWatch>(options, build, EnvironmentWatchOptions{2}, std::chrono::milliseconds(1),
                                    system_clock());
}

TEST(RunWatch, MaintenanceStopsTheRunAndStaysTheReason) {
  const test::Service service(
      {answer(200, health_body("1.0")), answer(503, health_body("1.0", true, true)), answer(200, health_body("1.0"))});
  const auto watched = watch(service);
  EXPECT_THAT(reason_of(*watched), HasSubstr("maintenance"));
  while (service.requests().size() < 5) std::this_thread::yield();
  EXPECT_EQ(watched->state(), WatchState::paused);
}

TEST(RunWatch, AnotherBuildInvalidates) {
  const test::Service service({answer(200, health_body("1.0")), answer(200, health_body("1.1"))});
  const auto watched = watch(service);
  EXPECT_THAT(reason_of(*watched), HasSubstr("1.1"));
  EXPECT_EQ(watched->state(), WatchState::invalidated);
}

TEST(RunWatch, UnfitPollsInARowAbort) {
  const test::Service service({answer(200, health_body("1.0")), answer(503, health_body("1.0", false))});
  const auto watched = watch(service);
  static_cast<void>(reason_of(*watched));
  EXPECT_EQ(watched->state(), WatchState::aborted);
}

TEST(RunWatch, AHealthyRunIsLeftAlone) {
  const test::Service service({answer(200, health_body("1.0"))});
  const auto watched = watch(service);
  while (service.requests().size() < 5) std::this_thread::yield();
  EXPECT_EQ(watched->stop_reason(), std::nullopt);
}

}  // namespace
}  // namespace understudy
