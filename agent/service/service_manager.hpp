// The seam to the operating system's service manager: Windows' service control manager, or systemd.
//
// Thread safety: of one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/command_line/config_file.hpp"

namespace understudy {

// How the service begins to run after a start of the machine.
enum class ServiceStart : std::uint8_t {
  automatic,
  manual,    // not by itself: it has nothing to do yet
  disabled,  // an administrator does not want it; an installation leaves that alone
};

enum class ServiceState : std::uint8_t { not_installed, stopped, starting, running, stopping };

struct ServiceStatus {
  std::string name = {};  // as the service manager knows it
  ServiceState state = ServiceState::not_installed;
  ServiceStart start = ServiceStart::manual;
  std::uint32_t pid = 0;                    // 0: no process
  std::string program = {};                 // its path; empty: unknown
  std::string config = {};                  // the configuration file
  std::optional<std::uint32_t> ended = {};  // exit code of its last run, when it does not run and one is known
  std::string failure = {};                 // why its last run failed, in words; empty: it did not, or nobody knows
};

// "not_installed", "stopped", "starting", "running", "stopping".
[[nodiscard]] const char* to_string(ServiceState state);
// "automatic", "manual", "disabled".
[[nodiscard]] const char* to_string(ServiceStart start);

// What an installation is to be.
struct ServiceSetup {
  std::string config_path;              // of the service
  std::vector<ConfigSetting> settings;  // to be written into it
  std::string settings_path;            // where some of them came from; removed once they are written; empty: none
};

// What the operating system holds the service's process to, whatever the agent itself believes.
struct ServiceLimits {
  std::size_t memory_bytes_max = 0;
  double cpu_fraction_max = 0;  // of all processors together; 0: no limit
};

// Every function may fail with ExitCode::permission (administrator rights are missing) and ExitCode::service_failed;
// the message names the step and the operating system's reason.
class ServiceManager {
 public:
  // A configuration's text, changed.
  using Edit = std::function<Result<std::string>(const std::string& text)>;

  virtual ~ServiceManager() = default;

  // Succeeds with not_installed where there is no such service.
  [[nodiscard]] virtual Result<ServiceStatus> status() = 0;

  // Reached when they return: running, or stopped. Errors besides: service_missing; service_failed when the service
  // ends by itself or the time is over, with the reason that the service left.
  [[nodiscard]] virtual Result<void> start(Nanoseconds timeout) = 0;
  [[nodiscard]] virtual Result<void> stop(Nanoseconds timeout) = 0;

  // service_unsupported where installing and removing is somebody else's, a package manager's; says whose.
  [[nodiscard]] virtual Result<void> check_ours() = 0;

  // The steps of an installation, in this order; each may be repeated. REQUIRES: check_ours() was passed.
  //
  // Folders, and the configuration's text ("" when it is new) changed by `edit`, whose error leaves it as it was. The
  // path of the configuration is returned.
  [[nodiscard]] virtual Result<std::string> prepare(const ServiceSetup& setup, const Edit& edit) = 0;
  // Puts the program beside its place, so that putting it in place is short.
  [[nodiscard]] virtual Result<void> stage_program() = 0;
  // Puts it in place, and keeps the former one. REQUIRES: the service does not run.
  [[nodiscard]] virtual Result<void> activate_program() = 0;
  // Creates the service's entry, or brings it up to date. What this platform does not know is a warning.
  [[nodiscard]] virtual Result<void> configure(ServiceStart start, std::vector<std::string>& warnings) = 0;
  // Keeps the new program for good.
  virtual void commit() = 0;
  // Puts the former program and configuration back. `remove_entry`: the service was new.
  virtual void roll_back(bool remove_entry) = 0;

  // The entry and the program; configuration, logs and recordings stay. REQUIRES: the service does not run.
  [[nodiscard]] virtual Result<void> remove(std::vector<std::string>& warnings) = 0;
};

// This platform's.
[[nodiscard]] Result<std::unique_ptr<ServiceManager>> open_service_manager();

}  // namespace understudy
