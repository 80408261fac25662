// What the service has the rest of the agent do.
#pragma once

#include "agent/service/service.hpp"

namespace understudy {

[[nodiscard]] ServiceHooks make_service_hooks();

}  // namespace understudy
