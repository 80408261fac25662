#include <windows.h>

#include "traffic/base/file_time_win32.hpp"
#include "traffic/base/thread_time.hpp"

namespace understudy {

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
