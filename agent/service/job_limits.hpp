// Limits of this process by a job object. Windows only.
#pragma once

#include <string>
#include <vector>

#include "agent/service/service_manager.hpp"

namespace understudy {

// Puts this process, and all that it starts, into a job with these limits, until the process ends; what it started ends
// with it. Returns what could not be set, one line each: a service without a limit is better than none.
[[nodiscard]] std::vector<std::string> enter_job(const ServiceLimits& limits);

}  // namespace understudy
