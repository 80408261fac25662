// What this process uses of memory and of CPU, as the kernel counts it.
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "agent/safety/budget.hpp"
#include "agent/safety/cpu_governor.hpp"

namespace understudy {

std::optional<std::size_t> resident_bytes() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "re"), &std::fclose);
  if (!file) return std::nullopt;
  unsigned long long size_pages = 0;
  unsigned long long resident_pages = 0;
  if (std::fscanf(file.get(), "%llu %llu", &size_pages, &resident_pages) != 2) return std::nullopt;
  return static_cast<std::size_t>(resident_pages) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

Nanoseconds process_cpu_time() {
  timespec used{};
  if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0) return Nanoseconds::zero();
  return std::chrono::seconds(used.tv_sec) + Nanoseconds(used.tv_nsec);
}

}  // namespace understudy
