// `understudy-agent service ...`: the agent as a service of the operating system.
//
// On Windows this program makes, changes and removes the service itself, by the service control manager. On Linux the
// packages install a systemd unit; status, start, stop and restart are systemctl's, and install and uninstall say that
// they belong to the package.
//
// An installation is whole or it is undone: where a step fails, a new service is removed again, and one that was there
// before gets its former program back and is started. Installing twice is the same as once.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/service/service_manager.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

enum class ServiceAction : std::uint8_t {
  install,
  start,
  stop,
  restart,
  status,
  uninstall,
  run,  // what the service control manager calls; nothing for people
};

// "install", "start" and so on.
[[nodiscard]] std::string_view to_string(ServiceAction action);
// ExitCode::usage for another word, with those that there are.
[[nodiscard]] Result<ServiceAction> parse_service_action(std::string_view word);

// Where the configuration of this platform's service is, if nothing else is said.
[[nodiscard]] std::string default_config_path();

struct ServiceOptions {
  ServiceAction action = ServiceAction::status;
  ServiceSetup setup;
  ServiceLimits limits;                                   // of ServiceAction::run
  Nanoseconds timeout = std::chrono::seconds(30);         // to reach a state that was asked for
  Nanoseconds self_test_time = std::chrono::seconds(30);  // 0: install without the self-test
  std::string capture_installer;                          // of a capture driver, run before; empty: none
  std::string capture_installer_sha256;
  bool json = false;
};

// What the service has the rest of the agent do. Called from the thread of run_service_command(), `run` from the
// service's own.
struct ServiceHooks {
  // The text of a configuration file with these settings in it; what is not named stays. ExitCode::configuration.
  std::function<Result<std::string>(const std::string& text, const std::vector<ConfigSetting>& settings)> apply;
  // Whether a configuration file has something to do, a shadow or a recording. Errors: as the agent's start would give.
  std::function<Result<bool>(const std::string& config_path)> has_output;
  // Whether the agent that runs with this configuration sees its service's requests. Errors: self_test_failed, with
  // the doctor's reasons in one line.
  std::function<Result<void>(const std::string& config_path, Nanoseconds time_max)> self_test;
  // The agent itself, until it is asked to stop. `on_started` is called once the capture is open.
  std::function<Result<ExitCode>(const std::vector<std::string>& arguments, std::function<void()> on_started)> run;
  // Brings a capture driver onto this machine where none works yet, by an installer with this SHA-256. Returns what is
  // there now, in one sentence. Errors: installer_failed, usage.
  std::function<Result<std::string>(const std::string& path, const std::string& sha256)> install_capture = {};
};

// What a command came to. `code` is the program's exit code.
struct ServiceReport {
  ServiceAction action = ServiceAction::status;
  ServiceStatus status;
  ExitCode code = ExitCode::ok;
  std::string message;   // one line: what was done, or what was tried, what happened, and what to do
  Nanoseconds outage{};  // how long a service that ran before did not
  std::vector<std::string> warnings;
};

// Carries a command out, through `manager`. Never throws for what the platform refuses: it is in the report.
// REQUIRES: an action other than run.
[[nodiscard]] ServiceReport carry_out(ServiceManager& manager, const ServiceOptions& options,
                                      const ServiceHooks& hooks);

// A few lines for people, or one line of JSON: {"action", "code", "message", "outage_ms", "warnings", "service":
// {"name", "state", "start", "pid", "program", "config", "exit_code"}}.
[[nodiscard]] std::string format_service_report(const ServiceReport& report);
[[nodiscard]] std::string service_report_json(const ServiceReport& report);

// Prints one of the two on standard output, and returns the report's code.
ExitCode print_service_report(const ServiceReport& report, bool as_json);

// The command as main calls it: carries it out on this platform, and prints the report on standard output. For
// ServiceAction::run it is the service's process, until the service ends.
[[nodiscard]] Result<ExitCode> run_service_command(const ServiceOptions& options, const ServiceHooks& hooks);

}  // namespace understudy
