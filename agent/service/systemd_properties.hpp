// Reads what systemctl(1) prints.
#pragma once

#include <string>
#include <string_view>

#include "agent/service/service_manager.hpp"

namespace understudy {

// The output of `systemctl show --property ...`, NAME=VALUE a line (systemd's D-Bus properties,
// org.freedesktop.systemd1 (5)): LoadState, ActiveState, UnitFileState, MainPID, ExecMainPID, ExecMainStatus, Result,
// ExecStart. Unknown names and lines are skipped. Pure.
[[nodiscard]] ServiceStatus status_of(std::string_view properties);

// The output of a failed systemctl says that systemd is not process 1 here.
[[nodiscard]] bool is_without_systemd(std::string_view output);

// ExitCode::permission or service_failed, out of the output of a failed systemctl.
[[nodiscard]] ExitCode systemctl_failure(std::string_view output);

// Without the line end; "no output" where there is none.
[[nodiscard]] std::string first_line(std::string_view output);

}  // namespace understudy
