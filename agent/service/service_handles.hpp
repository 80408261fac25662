// Handles of the service control manager. Windows only.
#pragma once

#include <windows.h>

#include <memory>
#include <string>
#include <type_traits>

#include "traffic/base/error.hpp"
#include "traffic/base/system_error.hpp"

namespace understudy {

struct ServiceHandleCloser {
  void operator()(SC_HANDLE handle) const { ::CloseServiceHandle(handle); }
};
using ServiceHandle = std::unique_ptr<std::remove_pointer_t<SC_HANDLE>, ServiceHandleCloser>;

// "Cannot WHAT: the system's reason." with permission or service_failed, and advice where one is known.
[[nodiscard]] tl::unexpected<Error> service_failure(const std::string& what, const SystemError& error);

[[nodiscard]] Result<ServiceHandle> open_control_manager(DWORD access);
// Null when there is no service of our name.
[[nodiscard]] Result<ServiceHandle> open_service(DWORD access);

}  // namespace understudy
