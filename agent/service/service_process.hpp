// The process that the service control manager starts. Windows only.
#pragma once

#include "agent/service/service.hpp"

namespace understudy {

// Hands this process to the service control manager, and returns when the service has ended. The service counts as
// started once the agent captures. ExitCode::service_unsupported when nobody but a console or a script started the
// process (error 1063). At most once in a process.
[[nodiscard]] Result<ExitCode> run_service_process(const ServiceOptions& options, const ServiceHooks& hooks);

}  // namespace understudy
