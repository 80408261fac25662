#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/service/service.hpp"

namespace understudy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A service manager in memory that notes what is asked of it, and fails where it is told to.
class FakeManager final : public ServiceManager {
 public:
  ServiceStatus service{.name = "understudy-agent", .config = "/etc/agent.toml"};
  std::string config_text;
  std::string program = "none";
  std::vector<std::string> calls;
  std::string fails_at;
  Error failure{ExitCode::service_failed, "it cannot be."};

  Result<ServiceStatus> status() override { return service; }
  Result<void> start(Nanoseconds /*timeout*/) override {
    if (auto called = call("start"); !called) return called;
    service.state = ServiceState::running;
    return {};
  }
  Result<void> stop(Nanoseconds /*timeout*/) override {
    if (auto called = call("stop"); !called) return called;
    service.state = ServiceState::stopped;
    return {};
  }
  Result<void> check_ours() override { return call("check"); }
  Result<std::string> prepare(const ServiceSetup& /*setup*/, const Edit& edit) override {
    if (auto called = call("prepare"); !called) return tl::unexpected(called.error());
    auto edited = edit(config_text);
    if (!edited) return tl::unexpected(edited.error());
    former_text_ = std::exchange(config_text, *edited);
    return service.config;
  }
  Result<void> stage_program() override { return call("stage"); }
  Result<void> activate_program() override {
    EXPECT_NE(service.state, ServiceState::running);
    if (auto called = call("activate"); !called) return called;
    former_program_ = std::exchange(program, "new");
    return {};
  }
  Result<void> configure(ServiceStart how, std::vector<std::string>& warnings) override {
    if (auto called = call("configure"); !called) return called;
    if (service.state == ServiceState::not_installed) service.state = ServiceState::stopped;
    service.start = how;
    warnings.emplace_back("no service SID here");
    return {};
  }
  void commit() override { (void)call("commit"); }
  void roll_back(bool remove_entry) override {
    (void)call("roll_back");
    config_text = former_text_;
    if (former_program_) program = *former_program_;
    if (remove_entry) service.state = ServiceState::not_installed;
  }
  Result<void> remove(std::vector<std::string>& /*warnings*/) override {
    if (auto called = call("remove"); !called) return called;
    service.state = ServiceState::not_installed;
    return {};
  }

 private:
  Result<void> call(const char* what) {
    calls.emplace_back(what);
    if (fails_at == what) return tl::unexpected(failure);
    return {};
  }

  std::string former_text_;
  std::optional<std::string> former_program_;
};

class ServiceCommand : public testing::Test {
 protected:
  ServiceReport carry_out(ServiceAction action) {
    manager_.calls.clear();
    options_.action = action;
    return understudy::carry_out(manager_, options_, hooks_);
  }

  FakeManager manager_;
  ServiceOptions options_;
  Result<bool> has_output_ = true;
  Result<void> seen_{};
  ServiceHooks hooks_{[](const std::string& text, const std::vector<ConfigSetting>& settings) -> Result<std::string> {
                        return text + "edited" + std::to_string(settings.size());
                      },
                      [this](const std::string&) { return has_output_; },
                      [this](const std::string&, Nanoseconds) { return seen_; },
                      {}};
};

TEST_F(ServiceCommand, AFirstInstallationStartsTestsAndCommits) {
  options_.setup.settings = {{"port", {"8080"}}};
  const ServiceReport report = carry_out(ServiceAction::install);
  EXPECT_EQ(report.code, ExitCode::ok) << report.message;
  EXPECT_THAT(manager_.calls, ElementsAre("check", "prepare", "stage", "activate", "configure", "start", "commit"));
  EXPECT_EQ(report.status.state, ServiceState::running);
  EXPECT_EQ(report.status.start, ServiceStart::automatic);
  EXPECT_EQ(report.outage, Nanoseconds::zero());  // nothing ran before
  EXPECT_EQ(manager_.config_text, "edited1");
  EXPECT_THAT(report.warnings, ElementsAre("no service SID here"));
}

TEST_F(ServiceCommand, ACaptureDriverComesFirst) {
  options_.capture_installer = "npcap-oem.exe";
  options_.capture_installer_sha256 = "abc";
  Result<std::string> driver = "Npcap was installed";
  hooks_.install_capture = [&](const std::string& path, const std::string& sha256) {
    EXPECT_THAT(manager_.calls, ElementsAre("check"));
    EXPECT_EQ(path + " " + sha256, "npcap-oem.exe abc");
    return driver;
  };
  const ServiceReport installed = carry_out(ServiceAction::install);
  EXPECT_EQ(installed.code, ExitCode::ok) << installed.message;
  EXPECT_THAT(installed.message, HasSubstr("Npcap was installed. The service"));
  driver = fail(ExitCode::installer_failed, "it was aborted");
  const ServiceReport failed = carry_out(ServiceAction::install);
  EXPECT_EQ(failed.code, ExitCode::installer_failed);
  EXPECT_EQ(failed.message, "it was aborted");
  EXPECT_THAT(manager_.calls, ElementsAre("check"));  // the service that runs goes on undisturbed
}

TEST_F(ServiceCommand, AnUpgradeStopsTheServiceOnlyToReplaceIt) {
  manager_.service.state = ServiceState::running;
  const ServiceReport report = carry_out(ServiceAction::install);
  EXPECT_EQ(report.code, ExitCode::ok);
  EXPECT_THAT(manager_.calls,
              ElementsAre("check", "prepare", "stage", "stop", "activate", "configure", "start", "commit"));
  EXPECT_GT(report.outage, Nanoseconds::zero());
}

TEST_F(ServiceCommand, InstallingTwiceIsTheSameAsOnce) {
  hooks_.apply = [](const std::string&, const auto&) -> Result<std::string> { return "port = 80"; };
  (void)carry_out(ServiceAction::install);
  const FakeManager once = manager_;
  (void)carry_out(ServiceAction::install);
  EXPECT_EQ(manager_.service.state, once.service.state);
  EXPECT_EQ(manager_.config_text, once.config_text);
  EXPECT_EQ(manager_.program, once.program);
}

TEST_F(ServiceCommand, WithoutAnOutputItIsInstalledAndLeftAlone) {
  has_output_ = false;
  const ServiceReport report = carry_out(ServiceAction::install);
  EXPECT_EQ(report.code, ExitCode::ok);
  EXPECT_EQ(report.status.state, ServiceState::stopped);
  EXPECT_EQ(report.status.start, ServiceStart::manual);
  EXPECT_THAT(report.message, HasSubstr("neither a shadow nor a recording"));
  EXPECT_THAT(report.message, HasSubstr("/etc/agent.toml"));
}

TEST_F(ServiceCommand, WhatAnAdministratorDisabledStaysSo) {
  manager_.service.state = ServiceState::stopped;
  manager_.service.start = ServiceStart::disabled;
  const ServiceReport report = carry_out(ServiceAction::install);
  EXPECT_EQ(report.code, ExitCode::ok);
  EXPECT_EQ(report.status.state, ServiceState::stopped);
  EXPECT_EQ(report.status.start, ServiceStart::disabled);
}

TEST_F(ServiceCommand, AFailedSelfTestUndoesAFirstInstallation) {
  manager_.config_text = "mine";
  seen_ = fail(ExitCode::self_test_failed, "no packet was seen.");
  const ServiceReport report = carry_out(ServiceAction::install);
  EXPECT_EQ(report.code, ExitCode::self_test_failed);
  EXPECT_THAT(report.message, HasSubstr("no packet was seen. The service was not installed."));
  EXPECT_EQ(manager_.service.state, ServiceState::not_installed);
  EXPECT_EQ(manager_.config_text, "mine");
  EXPECT_EQ(manager_.program, "none");
}

TEST_F(ServiceCommand, AFailedUpgradePutsTheFormerServiceBackToWork) {
  manager_.service.state = ServiceState::running;
  manager_.program = "old";
  manager_.config_text = "mine";
  seen_ = fail(ExitCode::self_test_failed, "no packet was seen.");
  const ServiceReport report = carry_out(ServiceAction::install);
  EXPECT_EQ(report.code, ExitCode::self_test_failed);
  EXPECT_THAT(report.message, HasSubstr("back in place"));
  EXPECT_EQ(manager_.service.state, ServiceState::running);
  EXPECT_EQ(manager_.program, "old");
  EXPECT_EQ(manager_.config_text, "mine");
}

TEST_F(ServiceCommand, EveryStepThatFailsIsUndone) {
  for (const char* step : {"stage", "stop", "activate", "configure", "start"}) {
    manager_ = FakeManager();
    manager_.service.state = ServiceState::running;
    manager_.program = "old";
    manager_.config_text = "mine";
    manager_.fails_at = step;
    const ServiceReport report = carry_out(ServiceAction::install);
    EXPECT_EQ(report.code, ExitCode::service_failed) << step;
    EXPECT_EQ(manager_.program, "old") << step;
    EXPECT_EQ(manager_.config_text, "mine") << step;
    EXPECT_THAT(manager_.calls, testing::Not(testing::Contains("commit"))) << step;
    EXPECT_THAT(manager_.calls, testing::Contains("roll_back")) << step;
  }
}

TEST_F(ServiceCommand, AWrongConfigurationLeavesARunningServiceAlone) {
  manager_.service.state = ServiceState::running;
  manager_.config_text = "mine";
  has_output_ = fail(ExitCode::configuration, "agent.toml:3: unknown key.");
  const ServiceReport report = carry_out(ServiceAction::install);
  EXPECT_EQ(report.code, ExitCode::configuration);
  EXPECT_EQ(manager_.service.state, ServiceState::running);
  EXPECT_THAT(manager_.calls, ElementsAre("check", "prepare", "roll_back"));
  EXPECT_EQ(manager_.config_text, "mine");
}

TEST_F(ServiceCommand, WhereAPackageInstallsNothingIsTouched) {
  manager_.service.state = ServiceState::running;
  manager_.fails_at = "check";
  manager_.failure = {ExitCode::service_unsupported, "the package does it"};
  for (const ServiceAction action : {ServiceAction::install, ServiceAction::uninstall}) {
    EXPECT_EQ(carry_out(action).code, ExitCode::service_unsupported);
    EXPECT_THAT(manager_.calls, ElementsAre("check"));
    EXPECT_EQ(manager_.service.state, ServiceState::running);
  }
}

TEST_F(ServiceCommand, WithoutAServiceThereIsNothingToStartOrToStop) {
  for (const ServiceAction action :
       {ServiceAction::start, ServiceAction::stop, ServiceAction::restart, ServiceAction::status}) {
    EXPECT_EQ(carry_out(action).code, ExitCode::service_missing);
    EXPECT_THAT(manager_.calls, IsEmpty());
  }
}

TEST_F(ServiceCommand, StatusTellsByItsCodeWhetherTheServiceRuns) {
  manager_.service.state = ServiceState::running;
  EXPECT_EQ(carry_out(ServiceAction::status).code, ExitCode::ok);
  for (const ServiceState state : {ServiceState::stopped, ServiceState::starting, ServiceState::stopping}) {
    manager_.service.state = state;
    EXPECT_EQ(carry_out(ServiceAction::status).code, ExitCode::service_stopped);
  }
}

TEST_F(ServiceCommand, StartAndStopAreDoneOnlyWhereTheyChangeSomething) {
  manager_.service.state = ServiceState::running;
  EXPECT_EQ(carry_out(ServiceAction::start).code, ExitCode::ok);
  EXPECT_THAT(manager_.calls, IsEmpty());
  EXPECT_EQ(carry_out(ServiceAction::stop).code, ExitCode::ok);
  EXPECT_THAT(manager_.calls, ElementsAre("stop"));
  EXPECT_EQ(carry_out(ServiceAction::stop).code, ExitCode::ok);
  EXPECT_THAT(manager_.calls, IsEmpty());
  const ServiceReport report = carry_out(ServiceAction::restart);
  EXPECT_THAT(manager_.calls, ElementsAre("start"));
  EXPECT_EQ(report.outage, Nanoseconds::zero());
}

TEST_F(ServiceCommand, RemovingTwiceIsTheSameAsOnce) {
  manager_.service.state = ServiceState::running;
  EXPECT_EQ(carry_out(ServiceAction::uninstall).code, ExitCode::ok);
  EXPECT_THAT(manager_.calls, ElementsAre("check", "stop", "remove"));
  EXPECT_EQ(carry_out(ServiceAction::uninstall).code, ExitCode::ok);
  EXPECT_THAT(manager_.calls, ElementsAre("check"));
}

}  // namespace
}  // namespace understudy
