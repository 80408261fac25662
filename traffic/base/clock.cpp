#include "traffic/base/clock.hpp"

namespace understudy {
namespace {

class SystemClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall_now() const override { return std::chrono::system_clock::now(); }
  [[nodiscard]] MonotonicTime monotonic_now() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace understudy
