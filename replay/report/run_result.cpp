#include "replay/report/run_result.hpp"

namespace understudy {

double RunResult::achieved_rate() const {
  if (duration <= Nanoseconds(0)) return 0;
  return static_cast<double>(load.outcomes.sent) / std::chrono::duration<double>(duration).count();
}

std::uint64_t RunResult::held_back_total() const {
  std::uint64_t sum = 0;
  for (const NamedCount& reason : held_back) sum += reason.count;
  return sum;
}

}  // namespace understudy
