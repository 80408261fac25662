// Processor time of the calling thread.
#pragma once

#include "traffic/base/clock.hpp"

namespace understudy {

// User and system time together, since the thread began.
[[nodiscard]] Nanoseconds thread_cpu_time();

}  // namespace understudy
