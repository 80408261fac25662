#include <windows.h>

#include <fmt/format.h>

#include <atomic>
#include <cstdio>
#include <exception>
#include <fstream>
#include <thread>

#include "agent/service/event_log.hpp"
#include "agent/service/job_limits.hpp"
#include "agent/service/service_process.hpp"
#include "agent/service/windows_places.hpp"
#include "traffic/base/shutdown.hpp"
#include "traffic/base/system_error.hpp"
#include "traffic/base/windows_text.hpp"

namespace understudy {
namespace {

// At a start of the machine drivers and the network's tables may come later than the service.
constexpr Nanoseconds network_patience = std::chrono::seconds(10);
constexpr Nanoseconds network_interval = std::chrono::seconds(1);
constexpr DWORD patience_milliseconds = 20'000;  // what is asked of the service control manager at start and at stop

// Of the one service in this process. The control manager's functions take no context that could carry it.
struct Process {
  const ServiceOptions* options = nullptr;
  const ServiceHooks* hooks = nullptr;
  std::atomic<SERVICE_STATUS_HANDLE> handle{nullptr};
  std::atomic<DWORD> state{SERVICE_START_PENDING};
  ExitCode code = ExitCode::ok;
};
Process process;

void tell_state(DWORD state, ExitCode code = ExitCode::ok) {
  process.state.store(state);
  SERVICE_STATUS status{};
  status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
  status.dwCurrentState = state;
  if (state == SERVICE_RUNNING) {
    status.dwControlsAccepted = SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN | SERVICE_ACCEPT_PARAMCHANGE;
  }
  if (state == SERVICE_START_PENDING || state == SERVICE_STOP_PENDING) {
    status.dwCheckPoint = 1;
    status.dwWaitHint = patience_milliseconds;
  }
  if (code != ExitCode::ok) {
    status.dwWin32ExitCode = ERROR_SERVICE_SPECIFIC_ERROR;
    status.dwServiceSpecificExitCode = static_cast<DWORD>(code);
  }
  ::SetServiceStatus(process.handle.load(), &status);
}

DWORD WINAPI on_control(DWORD control, DWORD /*type*/, void* /*data*/, void* /*context*/) {
  switch (control) {
    case SERVICE_CONTROL_STOP:
    case SERVICE_CONTROL_SHUTDOWN:
      tell_state(SERVICE_STOP_PENDING);
      ControlSignals::ask(ControlEvent::stop);
      return NO_ERROR;
    case SERVICE_CONTROL_PARAMCHANGE: ControlSignals::ask(ControlEvent::reload); return NO_ERROR;
    case SERVICE_CONTROL_INTERROGATE: return NO_ERROR;
    default: return ERROR_CALL_NOT_IMPLEMENTED;
  }
}

// A service has no standard streams; what would go there is kept of the last run.
void open_streams() {
  const std::filesystem::path file = logs_folder() / L"console.log";
  for (std::FILE* stream : {stdout, stderr}) {
    if (::_wfreopen(file.c_str(), stream == stdout ? L"w" : L"a", stream) == nullptr) {
      ::_wfreopen(L"NUL", L"w", stream);
    }
  }
}

// For `service start`, which waits for it, and for `service status`.
void leave_failure(const std::string& message) {
  std::ofstream(failure_file(), std::ios::binary | std::ios::trunc) << message;
  write_event(EventId::failed, message);
}

Result<ExitCode> run_agent_inside() {
  try {
    const std::vector<std::string> arguments = {"run", "--config", process.options->setup.config_path};
    return process.hooks->run(arguments, [] {
      tell_state(SERVICE_RUNNING);
      write_event(EventId::started,
                  fmt::format("The agent captures. Its configuration is {}.", process.options->setup.config_path));
    });
  } catch (const std::exception& error) {
    return fail(ExitCode::internal, fmt::format("The service was ended by an unexpected error: {}", error.what()));
  }
}

bool may_come_later(const Result<ExitCode>& outcome) {
  return !outcome &&
         (outcome.error().code == ExitCode::engine_missing || outcome.error().code == ExitCode::no_interface);
}

Result<ExitCode> run_with_patience() {
  const MonotonicTime end = system_clock().monotonic_now() + network_patience;
  while (true) {
    Result<ExitCode> outcome = run_agent_inside();
    if (!may_come_later(outcome) || process.state.load() != SERVICE_START_PENDING) return outcome;
    if (system_clock().monotonic_now() > end) return outcome;
    std::this_thread::sleep_for(network_interval);
  }
}

void WINAPI service_main(DWORD /*count*/, wchar_t** /*arguments*/) {
  process.handle.store(::RegisterServiceCtrlHandlerExW(windows_service_name, on_control, nullptr));
  if (process.handle.load() == nullptr) return;
  tell_state(SERVICE_START_PENDING);
  ::SetCurrentDirectoryW(data_folder().c_str());
  open_streams();
  for (const std::string& warning : enter_job(process.options->limits)) write_event(EventId::limits, warning);
  const Result<ExitCode> outcome = run_with_patience();
  process.code = outcome ? *outcome : outcome.error().code;
  if (!outcome) {
    leave_failure(outcome.error().message);
  } else if (*outcome != ExitCode::ok) {
    leave_failure(fmt::format("The agent ended with code {} (docs/exit-codes.md). The reason is in {}.",
                              static_cast<int>(*outcome), text_of(logs_folder())));
  } else {
    write_event(EventId::stopped, "The agent was stopped. Its ledger is in " + text_of(logs_folder()) + ".");
  }
  tell_state(SERVICE_STOPPED, process.code);
}

}  // namespace

Result<ExitCode> run_service_process(const ServiceOptions& options, const ServiceHooks& hooks) {
  process.options = &options;
  process.hooks = &hooks;
  std::wstring name = windows_service_name;
  const SERVICE_TABLE_ENTRYW table[] = {{name.data(), service_main}, {nullptr, nullptr}};
  if (::StartServiceCtrlDispatcherW(table) != 0) return process.code;
  const SystemError error = SystemError::last();
  if (error.number == ERROR_FAILED_SERVICE_CONTROLLER_CONNECT) {
    return fail(ExitCode::service_unsupported,
                "'service run' is called by the service control manager alone (error 1063). To start the service: "
                "understudy-agent service start. To run the agent in this console: understudy-agent run --config " +
                    options.setup.config_path);
  }
  return fail(ExitCode::service_failed, "Cannot reach the service control manager: " + error.text());
}

}  // namespace understudy
