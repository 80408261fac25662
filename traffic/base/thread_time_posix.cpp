#include <ctime>

#include "traffic/base/thread_time.hpp"

namespace understudy {

Nanoseconds thread_cpu_time() {
  timespec time{};
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) != 0) return {};
  return std::chrono::seconds(time.tv_sec) + Nanoseconds(time.tv_nsec);
}

}  // namespace understudy
