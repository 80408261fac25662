// Reads the body of POST /clone, as strictly as the contract says (docs/environment.openapi.yaml).
//
// Pure functions; any thread.
#pragma once

#include <string_view>

#include "replay/environment/clone_payloads.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// Stricter than read_clone_request, which reads documents: a member that the contract does not know is refused, so that
// no password is ever taken in by mistake. Errors are ExitCode::usage and say where what is wrong.
[[nodiscard]] Result<CloneRequest> read_clone_body(std::string_view body);

// {"MaintenanceMode": true}.
[[nodiscard]] Result<bool> read_maintenance(std::string_view body);

}  // namespace understudy
