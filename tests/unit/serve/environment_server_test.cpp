// The server as it is, asked by the client of the contract; and the rules of a run, driven against it.
#include "replay/serve/environment_server.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "replay/environment/environment_watch.hpp"
#include "replay/serve/contract.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/environment/service.hpp"

namespace understudy {
namespace {

// A server that can be ended and started again at the same address, and a client of it.
class ServedEnvironment : public testing::Test {
 protected:
  void serve(const std::string& version) {
    ServeSettings settings;
    settings.address = address_;
    settings.state_folder = (folder_.path() / "state").string();
    settings.build_version = version;
    settings.build_timestamp = "2026-01-02T03:04:05Z";
    settings.threads = 4;
    auto started = EnvironmentServer::start(settings, nullptr);
    ASSERT_TRUE(started) << started.error().message;
    server_ = std::move(*started);
    address_ = server_->url().substr(server_->url().find("//") + 2);
    EnvironmentOptions options;
    options.http.target = *parse_target(server_->url());
    client_.emplace(options, clock_, pause_);
  }
  WatchState poll(EnvironmentWatch& watch) {
    clock_.advance(std::chrono::seconds(1));
    return watch.on_poll(clock_.monotonic_now(), client_->health());
  }

  test::TemporaryFolder folder_;
  ManualClock clock_;
  test::ManualPause pause_{clock_};
  std::string address_ = "127.0.0.1:0";
  std::unique_ptr<EnvironmentServer> server_;
  std::optional<EnvironmentClient> client_;
};

TEST_F(ServedEnvironment, AnswersTheClientOfTheContract) {
  serve("1.0");
  EXPECT_TRUE(client_->health()->is_healthy());
  EXPECT_TRUE(client_->set_maintenance(true));
  EXPECT_TRUE(client_->health()->payload->maintenance_mode);
  EXPECT_TRUE(client_->set_maintenance(false));
  EXPECT_EQ(*client_->statistics(), "{}");
  EXPECT_TRUE(client_->tests());
  const auto unknown = client_->clone_state("unknown", std::chrono::seconds(0));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ExitCode::environment_unfit);
}

TEST_F(ServedEnvironment, ARunPausesInMaintenanceAndAnotherBuildMakesItsPairWorthless) {
  serve("1.0");
  EnvironmentWatch watch(*client_->health()->payload, clock_.monotonic_now(), {});
  EXPECT_EQ(poll(watch), WatchState::running);
  const MonotonicTime healthy = clock_.monotonic_now();
  ASSERT_TRUE(client_->set_maintenance(true));
  EXPECT_EQ(poll(watch), WatchState::paused);
  EXPECT_EQ(poll(watch), WatchState::paused);
  ASSERT_TRUE(client_->set_maintenance(false));
  EXPECT_EQ(poll(watch), WatchState::running);
  ASSERT_EQ(watch.excluded().size(), 1U);
  EXPECT_EQ(watch.excluded()[0].from, healthy);
  EXPECT_EQ(watch.excluded()[0].to, clock_.monotonic_now());
  server_.reset();  // a hiccup: the load balancer has nobody for a moment
  EXPECT_EQ(poll(watch), WatchState::running);
  EXPECT_EQ(poll(watch), WatchState::running);
  serve("1.0");
  EXPECT_EQ(poll(watch), WatchState::running);
  EXPECT_EQ(watch.unfit_polls(), 2U);
  server_.reset();
  serve("1.1");
  EXPECT_EQ(poll(watch), WatchState::invalidated);
  EXPECT_THAT(watch.reason(), testing::HasSubstr("1.1"));
}

TEST_F(ServedEnvironment, AServerThatIsGoneAbortsTheRun) {
  serve("1.0");
  EnvironmentWatch watch(*client_->health()->payload, clock_.monotonic_now(), {.unfit_max = 2});
  server_.reset();
  EXPECT_EQ(poll(watch), WatchState::running);
  EXPECT_EQ(poll(watch), WatchState::aborted);
}

TEST_F(ServedEnvironment, TheAddressIsTakenOnceAndGuardedOffLoopback) {
  serve("1.0");
  ServeSettings settings;
  settings.address = address_;
  settings.build_version = "1";
  settings.state_folder = (folder_.path() / "second").string();
  EXPECT_EQ(EnvironmentServer::start(settings, nullptr).error().code, ExitCode::address_in_use);
  settings.address = "0.0.0.0:0";
  const auto open = EnvironmentServer::start(settings, nullptr);
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().code, ExitCode::configuration);
  EXPECT_THAT(open.error().message, testing::HasSubstr("token"));
  settings.certificate_file = "/nowhere.pem";
  settings.address = "127.0.0.1:0";
  EXPECT_EQ(EnvironmentServer::start(settings, nullptr).error().code, ExitCode::tls);
}

TEST(EnvironmentContract, IsTheDocumentOfTheRepository) {
  EXPECT_EQ(environment_contract(), test::content_of(UNDERSTUDY_SOURCE_DIR "/docs/environment.openapi.yaml"));
}

}  // namespace
}  // namespace understudy
