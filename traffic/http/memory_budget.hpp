// A bound on memory that many objects of one thread share, within a pool that all threads share.
//
// Thread safety: one thread takes and gives; any thread may read used().
#pragma once

#include <cstddef>
#include <limits>

#include "traffic/base/check.hpp"
#include "traffic/base/memory_pool.hpp"

namespace understudy {

class MemoryBudget {
 public:
  // `pool` may be null: only this budget's own limit counts then. It outlives the budget.
  explicit MemoryBudget(std::size_t limit = std::numeric_limits<std::size_t>::max(), MemoryPool* pool = nullptr)
      : limit_(limit), pool_(pool) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  // True, and `bytes` are taken from the budget and its pool; or false, and nothing has changed.
  [[nodiscard]] bool try_take(std::size_t bytes) {
    if (bytes > limit_ - used_) return false;
    if (pool_ != nullptr && !pool_->try_take(bytes)) return false;
    used_ += bytes;
    return true;
  }
  // REQUIRES: `bytes` were taken before.
  void give(std::size_t bytes) {
    CHECK(bytes <= used_);
    used_ -= bytes;
    if (pool_ != nullptr) pool_->give(bytes);
  }
  // The same for what holds a lease of the pool already: it counts against this budget's own limit only.
  [[nodiscard]] bool try_take_leased(std::size_t bytes) {
    if (bytes > limit_ - used_) return false;
    used_ += bytes;
    return true;
  }
  void give_leased(std::size_t bytes) {
    CHECK(bytes <= used_);
    used_ -= bytes;
  }

  // Whether try_take would succeed now.
  [[nodiscard]] bool has_room(std::size_t bytes) const {
    return bytes <= limit_ - used_ && (pool_ == nullptr || bytes <= pool_->limit() - pool_->used());
  }
  [[nodiscard]] std::size_t used() const { return used_; }
  [[nodiscard]] std::size_t limit() const { return limit_; }
  [[nodiscard]] MemoryPool* pool() const { return pool_; }

 private:
  std::size_t limit_;
  std::size_t used_ = 0;
  MemoryPool* pool_;
};

}  // namespace understudy
