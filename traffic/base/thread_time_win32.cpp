#include <windows.h>

#include "traffic/base/thread_time.hpp"

namespace understudy {
namespace {

// A FILETIME counts 100 ns.
Nanoseconds duration_of(const FILETIME& time) {
  const std::uint64_t ticks = (std::uint64_t{time.dwHighDateTime} << 32U) | time.dwLowDateTime;
  return Nanoseconds(static_cast<std::int64_t>(ticks) * 100);
}

}  // namespace

// Windows counts whole clock ticks of 1 to 16 ms here.
Nanoseconds thread_cpu_time() {
  FILETIME created{};
  FILETIME exited{};
  FILETIME in_kernel{};
  FILETIME in_user{};
  if (::GetThreadTimes(::GetCurrentThread(), &created, &exited, &in_kernel, &in_user) == 0) return {};
  return duration_of(in_kernel) + duration_of(in_user);
}

}  // namespace understudy
