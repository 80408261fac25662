#include <fmt/format.h>

#include <array>
#include <thread>

#include "agent/service/service_entry.hpp"
#include "agent/service/windows_places.hpp"

namespace understudy {
namespace {

constexpr DWORD day_seconds = 86'400;
constexpr Nanoseconds poll_interval = std::chrono::milliseconds(50);
constexpr const wchar_t* description =
    L"Replicates this host's HTTP requests to a shadow, or records them. Configured by "
    L"%ProgramData%\\Understudy\\agent.toml.";
// Each name with its end, and one more. The account has more by itself; the service does without.
constexpr wchar_t privileges[] = L"SeChangeNotifyPrivilege\0SeCreateGlobalPrivilege\0";

// The network's tables are there from then on; at a start of the machine the service would be too early without it.
constexpr wchar_t dependencies[] = L"nsiproxy\0";

// One setting behind the entry itself. Wine, and a Windows before the setting, refuse the level.
Result<void> set(SC_HANDLE service, DWORD level, void* value, const char* what, std::vector<std::string>& warnings) {
  if (::ChangeServiceConfig2W(service, level, value) != 0) return {};
  const SystemError error = SystemError::last();
  if (error.number == ERROR_INVALID_LEVEL || error.number == ERROR_CALL_NOT_IMPLEMENTED) {
    warnings.push_back(fmt::format("this Windows does not know {}: {}", what, error.text()));
    return {};
  }
  return service_failure(fmt::format("set {} of the service understudy-agent", what), error);
}

Result<void> set_recovery(SC_HANDLE service, std::vector<std::string>& warnings) {
  std::array<SC_ACTION, 3> actions{
      {{SC_ACTION_RESTART, 5'000}, {SC_ACTION_RESTART, 30'000}, {SC_ACTION_RESTART, 60'000}}};  // milliseconds
  SERVICE_FAILURE_ACTIONSW recovery{};
  recovery.dwResetPeriod = day_seconds;
  recovery.cActions = static_cast<DWORD>(actions.size());
  recovery.lpsaActions = actions.data();
  if (auto done = set(service, SERVICE_CONFIG_FAILURE_ACTIONS, &recovery, "the recovery actions", warnings); !done) {
    return done;
  }
  // An end with an exit code counts as a failure, like a crash.
  SERVICE_FAILURE_ACTIONS_FLAG also_exit_codes{TRUE};
  return set(service, SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, &also_exit_codes, "recovery after exit codes", warnings);
}

Result<void> set_details(SC_HANDLE service, const ServiceEntry& entry, std::vector<std::string>& warnings) {
  SERVICE_DESCRIPTIONW text{const_cast<wchar_t*>(description)};
  if (auto done = set(service, SERVICE_CONFIG_DESCRIPTION, &text, "the description", warnings); !done) return done;
  if (entry.start_type == SERVICE_AUTO_START) {
    SERVICE_DELAYED_AUTO_START_INFO delayed{entry.is_delayed};
    if (auto done = set(service, SERVICE_CONFIG_DELAYED_AUTO_START_INFO, &delayed, "the delayed start", warnings);
        !done) {
      return done;
    }
  }
  if (auto done = set_recovery(service, warnings); !done) return done;
  SERVICE_SID_INFO sid{SERVICE_SID_TYPE_UNRESTRICTED};
  if (auto done = set(service, SERVICE_CONFIG_SERVICE_SID_INFO, &sid, "the service's own SID", warnings); !done) {
    return done;
  }
  SERVICE_REQUIRED_PRIVILEGES_INFOW required{const_cast<wchar_t*>(privileges)};
  return set(service, SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO, &required, "the required privileges", warnings);
}

Result<ServiceHandle> create_or_open(const ServiceEntry& entry) {
  constexpr DWORD access = SERVICE_CHANGE_CONFIG | SERVICE_QUERY_CONFIG | SERVICE_START;  // start: for recovery actions
  auto existing = open_service(access);
  if (!existing) return existing;
  if (*existing) {
    if (::ChangeServiceConfigW(existing->get(), SERVICE_WIN32_OWN_PROCESS, entry.start_type, SERVICE_ERROR_NORMAL,
                               entry.command_line.c_str(), nullptr, nullptr, dependencies, L"LocalSystem", nullptr,
                               windows_service_title) == 0) {
      return service_failure("change the service understudy-agent", SystemError::last());
    }
    return existing;
  }
  auto manager = open_control_manager(SC_MANAGER_CREATE_SERVICE);
  if (!manager) return manager;
  ServiceHandle made(::CreateServiceW(manager->get(), windows_service_name, windows_service_title, access,
                                      SERVICE_WIN32_OWN_PROCESS, entry.start_type, SERVICE_ERROR_NORMAL,
                                      entry.command_line.c_str(), nullptr, nullptr, dependencies, nullptr, nullptr));
  if (!made) return service_failure("create the service understudy-agent", SystemError::last());
  return made;
}

}  // namespace

Result<ServiceEntry> read_entry(SC_HANDLE service) {
  alignas(QUERY_SERVICE_CONFIGW) std::array<std::byte, 8192> room{};  // the largest there is
  auto* const config = reinterpret_cast<QUERY_SERVICE_CONFIGW*>(room.data());
  DWORD needed = 0;
  if (::QueryServiceConfigW(service, config, static_cast<DWORD>(room.size()), &needed) == 0) {
    return service_failure("read the service understudy-agent", SystemError::last());
  }
  ServiceEntry entry{config->lpBinaryPathName, config->dwStartType, false};
  SERVICE_DELAYED_AUTO_START_INFO delayed{};
  if (::QueryServiceConfig2W(service, SERVICE_CONFIG_DELAYED_AUTO_START_INFO, reinterpret_cast<BYTE*>(&delayed),
                             sizeof delayed, &needed) != 0) {
    entry.is_delayed = delayed.fDelayedAutostart != FALSE;
  }
  return entry;
}

Result<void> write_entry(const ServiceEntry& entry, std::vector<std::string>& warnings) {
  const auto service = create_or_open(entry);
  if (!service) return tl::unexpected(service.error());
  return set_details(service->get(), entry, warnings);
}

Result<void> delete_entry(Nanoseconds timeout) {
  {
    const auto service = open_service(DELETE);
    if (!service) return tl::unexpected(service.error());
    if (!*service) return {};
    if (::DeleteService(service->get()) == 0) {
      const SystemError error = SystemError::last();
      if (error.number != ERROR_SERVICE_MARKED_FOR_DELETE) {
        return service_failure("remove the service understudy-agent", error);
      }
    }
  }  // it goes with its last handle
  const MonotonicTime end = system_clock().monotonic_now() + timeout;
  while (true) {
    const auto left = open_service(SERVICE_QUERY_STATUS);
    if (left && !*left) return {};
    if (system_clock().monotonic_now() > end) {
      return service_failure("remove the service understudy-agent", {ERROR_SERVICE_MARKED_FOR_DELETE});
    }
    std::this_thread::sleep_for(poll_interval);
  }
}

}  // namespace understudy
