#include "replay/rehearse/side_stack.hpp"

#include <fmt/format.h>

#include <utility>

#include "replay/environment/wait_healthy.hpp"
#include "traffic/base/check.hpp"

namespace understudy {
namespace {

// A poll during a run must not hang as long as a statistics query may.
constexpr auto poll_timeout = std::chrono::seconds(5);

}  // namespace

SideStack::SideStack(const RehearsalPlan& plan, RunSide side, const Clock& clock, Pause& pause)
    : plan_(plan), side_(side), clock_(clock) {
  if (this->plan().environment) client_ = std::make_unique<EnvironmentClient>(environment_options(), clock, pause);
}

EnvironmentOptions SideStack::environment_options() const {
  EnvironmentOptions options;
  options.http.target = *plan().environment;
  options.http.headers = plan().headers;
  return options;
}

Result<std::optional<HealthPayload>> SideStack::wait_healthy_build(const ProgressLineSink& progress) {
  if (!client_) return std::optional<HealthPayload>();
  HealthWait wait;
  wait.expected_version = plan().expect_version;
  wait.polls = plan_.environment.polls;
  wait.interval = plan_.environment.interval;
  wait.deadline = plan_.environment.wait;
  std::string last;
  const auto tell = [&](const HealthPoll& poll) {
    if (poll.text == last) return;
    last = poll.text;
    progress(fmt::format("{}: {}", to_string(side_), poll.text));
  };
  auto health = wait_healthy(*client_, wait, tell);
  if (!health) return tl::unexpected(health.error());
  if (build_ &&
      (build_->build_version != health->build_version || build_->build_timestamp != health->build_timestamp)) {
    return fail(
        ExitCode::environment_unfit,
        fmt::format("the {} is another build: BuildVersion was {} ({}) and is {} ({}). What was measured before "
                    "and what comes cannot be compared; rehearse again",
                    to_string(side_), build_->build_version, build_->build_timestamp, health->build_version,
                    health->build_timestamp));
  }
  if (!build_) build_ = *health;
  return std::optional<HealthPayload>(std::move(*health));
}

std::unique_ptr<RunWatch> SideStack::watch() const {
  if (!client_) return nullptr;
  CHECK(build_.has_value());
  EnvironmentOptions options = environment_options();
  options.http.response_timeout = poll_timeout;
  return std::make_unique<RunWatch>(std::move(options), *build_, EnvironmentWatchOptions{plan_.environment.unfit_max},
                                    plan_.environment.interval, clock_);
}

Result<void> SideStack::open_database() {
  if (plan().database.empty() || observer_) return {};
  ObserverOptions options;
  options.connection.where = plan().database;
  options.connection.ambient_password = true;
  options.device = plan().device;
  options.log_file = plan().log_file;
  options.cloudwatch = plan().cloudwatch;
  options.on_statement = [this](const LoggedStatement& statement) {
    if (on_statement_) on_statement_(statement);
  };
  auto observer = DatabaseObserver::open(std::move(options), clock_);
  if (!observer) {
    return fail(observer.error().code,
                fmt::format("the {}'s database: {}", to_string(side_), observer.error().message));
  }
  observer_ = std::move(*observer);
  return {};
}

}  // namespace understudy
