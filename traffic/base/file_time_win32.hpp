// Windows' FILETIME as a duration. Pure; any thread.
#pragma once

#include <windows.h>

#include <cstdint>

#include "traffic/base/clock.hpp"

namespace understudy {

// A FILETIME counts 100 ns.
[[nodiscard]] inline Nanoseconds duration_of(const FILETIME& time) {
  const std::uint64_t ticks = (std::uint64_t{time.dwHighDateTime} << 32U) | time.dwLowDateTime;
  return Nanoseconds(static_cast<std::int64_t>(ticks) * 100);
}

}  // namespace understudy
