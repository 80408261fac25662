// A bound on memory that many objects of one thread share.
//
// Thread safety: one thread takes and gives; any thread may read used().
#pragma once

#include <cstddef>
#include <limits>

#include "traffic/base/check.hpp"
#include "traffic/base/counter.hpp"

namespace understudy {

class MemoryBudget {
 public:
  explicit MemoryBudget(std::size_t limit = std::numeric_limits<std::size_t>::max()) : limit_(limit) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  // True, and `bytes` are taken; or false, and nothing has changed.
  [[nodiscard]] bool try_take(std::size_t bytes) {
    if (bytes > limit_ - used_) return false;
    used_ += bytes;
    return true;
  }
  // REQUIRES: `bytes` were taken before.
  void give(std::size_t bytes) {
    CHECK(bytes <= used_);
    used_ -= bytes;
  }
  [[nodiscard]] std::size_t used() const { return used_; }
  [[nodiscard]] std::size_t limit() const { return limit_; }

 private:
  std::size_t limit_;
  std::size_t used_ = 0;
};

}  // namespace understudy
