#include <fmt/format.h>
#include <fmt/xchar.h>

#include <thread>

#include "agent/service/event_log.hpp"
#include "agent/service/service.hpp"
#include "agent/service/service_entry.hpp"
#include "agent/service/service_files.hpp"
#include "agent/service/service_handles.hpp"
#include "agent/service/windows_places.hpp"
#include "traffic/base/windows_text.hpp"

namespace understudy {
namespace {

constexpr Nanoseconds poll_interval = std::chrono::milliseconds(20);
constexpr Nanoseconds delete_timeout = std::chrono::seconds(10);
constexpr std::size_t failure_bytes_max = 4096;

ServiceState state_of(DWORD state) {
  switch (state) {
    case SERVICE_RUNNING: return ServiceState::running;
    case SERVICE_START_PENDING: return ServiceState::starting;
    case SERVICE_STOP_PENDING: return ServiceState::stopping;
    default: return ServiceState::stopped;  // it never pauses
  }
}

ServiceStart start_of(DWORD type) {
  if (type == SERVICE_DISABLED) return ServiceStart::disabled;
  return type == SERVICE_DEMAND_START ? ServiceStart::manual : ServiceStart::automatic;
}

// The program of a command line: what is in its first quotes, or its first word.
std::string program_of(const std::wstring& command_line) {
  const bool quoted = command_line.starts_with(L'"');
  const std::size_t begin = quoted ? 1 : 0;
  return to_narrow(
      std::wstring_view(command_line).substr(begin, command_line.find(quoted ? L'"' : L' ', begin) - begin));
}

class WindowsServices final : public ServiceManager {
 public:
  Result<ServiceStatus> status() override {
    ServiceStatus status;
    status.name = to_narrow(windows_service_name);
    status.config = default_config_path();
    const auto service = open_service(SERVICE_QUERY_STATUS | SERVICE_QUERY_CONFIG);
    if (!service) return tl::unexpected(service.error());
    if (!*service) return status;
    const auto process = query(service->get());
    if (!process) return tl::unexpected(process.error());
    status.state = state_of(process->dwCurrentState);
    status.pid = process->dwProcessId;
    const auto entry = read_entry(service->get());
    if (!entry) return tl::unexpected(entry.error());
    status.start = start_of(entry->start_type);
    status.program = program_of(entry->command_line);
    if (status.state == ServiceState::stopped) add_end(*process, status);
    return status;
  }

  Result<void> start(Nanoseconds timeout) override {
    const auto service = open_service(SERVICE_START | SERVICE_QUERY_STATUS);
    if (!service) return tl::unexpected(service.error());
    if (!*service) return missing();
    std::error_code error;
    std::filesystem::remove(failure_file(), error);
    if (::StartServiceW(service->get(), 0, nullptr) == 0) {
      if (const SystemError failed = SystemError::last(); failed.number != ERROR_SERVICE_ALREADY_RUNNING) {
        return service_failure("start the service understudy-agent", failed);
      }
    }
    return wait_for(service->get(), SERVICE_RUNNING, timeout);
  }

  Result<void> stop(Nanoseconds timeout) override {
    const auto service = open_service(SERVICE_STOP | SERVICE_QUERY_STATUS);
    if (!service) return tl::unexpected(service.error());
    if (!*service) return missing();
    const auto before = query(service->get());
    if (!before) return tl::unexpected(before.error());
    // The program's file is free only once its process has ended, a moment behind the state.
    const HANDLE process = before->dwProcessId == 0 ? nullptr : ::OpenProcess(SYNCHRONIZE, FALSE, before->dwProcessId);
    SERVICE_STATUS answer{};
    Result<void> stopped;
    if (::ControlService(service->get(), SERVICE_CONTROL_STOP, &answer) == 0) {
      const SystemError failed = SystemError::last();
      if (failed.number != ERROR_SERVICE_NOT_ACTIVE && failed.number != ERROR_SERVICE_CANNOT_ACCEPT_CTRL) {
        stopped = service_failure("stop the service understudy-agent", failed);
      }
    }
    if (stopped) stopped = wait_for(service->get(), SERVICE_STOPPED, timeout);
    if (process != nullptr) {
      if (stopped) ::WaitForSingleObject(process, 5'000);
      ::CloseHandle(process);
    }
    return stopped;
  }

  Result<void> check_ours() override { return {}; }

  Result<std::string> prepare(const ServiceSetup& setup, const Edit& edit) override {
    if (auto registered = register_event_source(); !registered) return tl::unexpected(registered.error());
    return files_.prepare(setup, edit);
  }
  Result<void> stage_program() override { return files_.stage_program(); }
  Result<void> activate_program() override { return files_.activate_program(); }

  Result<void> configure(ServiceStart start, std::vector<std::string>& warnings) override {
    const auto service = open_service(SERVICE_QUERY_CONFIG);
    if (!service) return tl::unexpected(service.error());
    if (*service) {
      auto former = read_entry(service->get());
      if (!former) return tl::unexpected(former.error());
      former_ = std::move(*former);
    }
    ServiceEntry entry;
    entry.command_line =
        fmt::format(LR"("{}" service run --config "{}")", files_.program().native(), files_.config().native());
    entry.start_type = start == ServiceStart::automatic ? SERVICE_AUTO_START
                       : start == ServiceStart::manual  ? SERVICE_DEMAND_START
                                                        : SERVICE_DISABLED;
    entry.is_delayed = true;
    return write_entry(entry, warnings);
  }

  void commit() override { files_.commit(); }

  void roll_back(bool remove_entry) override {
    std::vector<std::string> ignored;  // the first error is the one that is told
    if (remove_entry) {
      (void)delete_entry(delete_timeout);
    } else if (former_) {
      (void)write_entry(*former_, ignored);
    }
    files_.roll_back();
  }

  Result<void> remove(std::vector<std::string>& warnings) override {
    if (auto deleted = delete_entry(delete_timeout); !deleted) return deleted;
    remove_event_source();
    remove_program(warnings);
    return {};
  }

 private:
  static tl::unexpected<Error> missing() {
    return fail(ExitCode::service_missing, "The service understudy-agent is not installed. Install it first.");
  }

  static Result<SERVICE_STATUS_PROCESS> query(SC_HANDLE service) {
    SERVICE_STATUS_PROCESS status{};
    DWORD needed = 0;
    if (::QueryServiceStatusEx(service, SC_STATUS_PROCESS_INFO, reinterpret_cast<BYTE*>(&status), sizeof status,
                               &needed) == 0) {
      return service_failure("ask for the state of the service understudy-agent", SystemError::last());
    }
    return status;
  }

  static void add_end(const SERVICE_STATUS_PROCESS& process, ServiceStatus& status) {
    if (process.dwWin32ExitCode == ERROR_SERVICE_NEVER_STARTED) return;
    status.ended = process.dwWin32ExitCode == ERROR_SERVICE_SPECIFIC_ERROR ? process.dwServiceSpecificExitCode
                                                                           : process.dwWin32ExitCode;
    if (*status.ended != 0) status.failure = read_small_file(failure_file(), failure_bytes_max).value_or("");
  }

  Result<void> wait_for(SC_HANDLE service, DWORD wanted, Nanoseconds timeout) {
    const MonotonicTime end = system_clock().monotonic_now() + timeout;
    while (true) {
      const auto now = query(service);
      if (!now) return tl::unexpected(now.error());
      if (now->dwCurrentState == wanted) return {};
      if (wanted == SERVICE_RUNNING && now->dwCurrentState == SERVICE_STOPPED) return ended_at_start(*now);
      if (system_clock().monotonic_now() > end) {
        return fail(ExitCode::service_failed,
                    fmt::format("The service understudy-agent is still {} after {:.0f} s. See the event log, and the "
                                "logs in {}.",
                                to_string(state_of(now->dwCurrentState)),
                                std::chrono::duration<double>(timeout).count(), text_of(logs_folder())));
      }
      std::this_thread::sleep_for(poll_interval);
    }
  }

  static tl::unexpected<Error> ended_at_start(const SERVICE_STATUS_PROCESS& process) {
    ServiceStatus status;
    add_end(process, status);
    return fail(
        ExitCode::service_failed,
        fmt::format("The service understudy-agent ended at its start with code {}: {}", status.ended.value_or(0),
                    status.failure.empty() ? "it left no reason; see the event log" : status.failure));
  }

  ServiceFiles files_;
  std::optional<ServiceEntry> former_;
};

}  // namespace

Result<std::unique_ptr<ServiceManager>> open_service_manager() { return std::make_unique<WindowsServices>(); }

}  // namespace understudy
