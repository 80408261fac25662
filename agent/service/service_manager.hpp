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

namespace understudy {

enum class ServiceState : std::uint8_t { not_installed, stopped, starting, running, stopping };

struct ServiceStatus {
  std::string name;  // as the service manager knows it
  ServiceState state = ServiceState::not_installed;
  bool starts_at_boot = false;
  std::uint32_t pid = 0;               // 0: no process
  std::string program;                 // its path; empty: unknown
  std::string config;                  // the configuration file
  std::optional<std::uint32_t> ended;  // exit code of its last run, when it does not run and one is known
  std::string failure;                 // why its last run failed, in words; empty: it did not, or nobody knows
};

// "not_installed", "stopped", "starting", "running", "stopping".
[[nodiscard]] const char* to_string(ServiceState state);

// One key of the configuration file with its values, as text; a switch has "true".
struct ServiceSetting {
  std::string name;
  std::vector<std::string> values;
};

// What an installation is to be.
struct ServiceSetup {
  std::string config_path;               // empty: the platform's own place
  std::vector<ServiceSetting> settings;  // to be written into the configuration
  std::string settings_path;             // a file with more of them, removed once it is applied; empty: none
  bool keep_program = false;             // the program's file belongs to somebody else, such as an MSI package
  std::size_t memory_bytes_max = 0;      // of the process, by the operating system
  double cpu_fraction_max = 0;           // of all processors together, by the operating system; 0: no limit
};

// Every function may fail with ExitCode::permission (administrator rights are missing) and ExitCode::service_failed;
// the message names the step and the operating system's reason.
class ServiceManager {
 public:
  virtual ~ServiceManager() = default;

  // Succeeds with not_installed where there is no such service.
  [[nodiscard]] virtual Result<ServiceStatus> status() = 0;

  // Reached when they return: running, or stopped. Errors besides: service_missing; service_failed when the service
  // ends by itself or the time is over, with the reason that the service left.
  [[nodiscard]] virtual Result<void> start(Nanoseconds timeout) = 0;
  [[nodiscard]] virtual Result<void> stop(Nanoseconds timeout) = 0;

  // The steps of an installation, in this order; each may be repeated. service_unsupported where the package does it.
  //
  // Folders, and the configuration's text ("" when it is new) changed by `edit`, whose error leaves it as it was. The
  // path of the configuration is returned.
  [[nodiscard]] virtual Result<std::string> prepare(
      const ServiceSetup& setup, const std::function<Result<std::string>(const std::string& text)>& edit) = 0;
  // Puts the program beside its place, so that putting it in place is short.
  [[nodiscard]] virtual Result<void> stage_program(const ServiceSetup& setup) = 0;
  // Puts it in place, and keeps the former one. REQUIRES: the service does not run.
  [[nodiscard]] virtual Result<void> activate_program() = 0;
  // Creates the service's entry, or brings it up to date. Limits that this platform does not know are warnings.
  [[nodiscard]] virtual Result<void> configure(const ServiceSetup& setup, bool starts_at_boot,
                                               std::vector<std::string>& warnings) = 0;
  // Keeps the new program for good.
  virtual void commit() = 0;
  // Puts the former program and configuration back. `remove_entry`: the service was new.
  virtual void roll_back(bool remove_entry) = 0;

  // The entry and the program; configuration, logs and recordings stay. REQUIRES: the service does not run.
  [[nodiscard]] virtual Result<void> remove(const ServiceSetup& setup, std::vector<std::string>& warnings) = 0;
};

// This platform's.
[[nodiscard]] Result<std::unique_ptr<ServiceManager>> open_service_manager();

}  // namespace understudy
