// What this process uses of memory and of CPU, as Windows counts it.
#include <windows.h>

#include <psapi.h>

#include "agent/safety/budget.hpp"
#include "agent/safety/cpu_governor.hpp"
#include "traffic/base/file_time_win32.hpp"

namespace understudy {

std::optional<std::size_t> resident_bytes() {
  PROCESS_MEMORY_COUNTERS counters{};
  if (::GetProcessMemoryInfo(::GetCurrentProcess(), &counters, sizeof counters) == 0) return std::nullopt;
  return counters.WorkingSetSize;
}

Nanoseconds process_cpu_time() {
  FILETIME created{};
  FILETIME exited{};
  FILETIME in_kernel{};
  FILETIME in_user{};
  if (::GetProcessTimes(::GetCurrentProcess(), &created, &exited, &in_kernel, &in_user) == 0) return {};
  return duration_of(in_kernel) + duration_of(in_user);
}

}  // namespace understudy
