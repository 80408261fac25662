#include "agent/service/service_handles.hpp"

#include <fmt/format.h>

#include "agent/service/windows_places.hpp"

namespace understudy {
namespace {

const char* advice_for(const SystemError& error) {
  switch (error.number) {
    case ERROR_SERVICE_DISABLED: return " An administrator disabled it: sc config understudy-agent start= auto";
    case ERROR_SERVICE_MARKED_FOR_DELETE:
      return " It goes once nobody looks at it any more: close the Services window and the event viewer, then try "
             "again.";
    default: return error.is_permission() ? " Run this as administrator." : "";
  }
}

}  // namespace

tl::unexpected<Error> service_failure(const std::string& what, const SystemError& error) {
  return fail(error.is_permission() ? ExitCode::permission : ExitCode::service_failed,
              fmt::format("Cannot {}: {}.{}", what, error.text(), advice_for(error)));
}

Result<ServiceHandle> open_control_manager(DWORD access) {
  ServiceHandle manager(::OpenSCManagerW(nullptr, nullptr, access));
  if (!manager) return service_failure("open the service control manager", SystemError::last());
  return manager;
}

Result<ServiceHandle> open_service(DWORD access) {
  auto manager = open_control_manager(SC_MANAGER_CONNECT);
  if (!manager) return tl::unexpected(manager.error());
  ServiceHandle service(::OpenServiceW(manager->get(), windows_service_name, access));
  if (service) return service;
  const SystemError error = SystemError::last();
  if (error.number == ERROR_SERVICE_DOES_NOT_EXIST) return ServiceHandle();
  return service_failure("open the service understudy-agent", error);
}

}  // namespace understudy
