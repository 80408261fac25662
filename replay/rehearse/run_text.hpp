// A run in one line, for progress. Pure; any thread.
#pragma once

#include <string>

#include "replay/rehearse/run_record.hpp"

namespace understudy {

// "pair 3, candidate: 25.4 reads a second from the device, p95 38 ms, 1,800 answered".
[[nodiscard]] std::string run_line(const RunRecord& record);

}  // namespace understudy
