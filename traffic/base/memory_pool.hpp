// A bound on bytes that several threads share, and a lease on some of them that travels with what they hold.
//
//   MemoryPool pool(64 << 20);
//   if (auto lease = MemoryLease::take(&pool, size)) message.lease = std::move(*lease);   // given back with the
//   message
//
// Thread safety: a pool may be used from any thread; a lease, like what it belongs to, by one at a time.
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace understudy {

class MemoryPool {
 public:
  explicit MemoryPool(std::size_t limit) : limit_(limit) {}
  MemoryPool(const MemoryPool&) = delete;
  MemoryPool& operator=(const MemoryPool&) = delete;

  // True, and `bytes` are taken; or false, and nothing has changed.
  [[nodiscard]] bool try_take(std::size_t bytes) {
    std::size_t used = used_.load(std::memory_order_relaxed);
    do {
      if (bytes > limit_ - used) return false;
    } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
    return true;
  }
  // REQUIRES: `bytes` were taken before.
  void give(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }

  [[nodiscard]] std::size_t used() const { return used_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t limit() const { return limit_; }

 private:
  const std::size_t limit_;
  std::atomic<std::size_t> used_{0};
};

// Bytes of a pool, given back on destruction. The pool outlives its leases. Move only.
class MemoryLease {
 public:
  MemoryLease() = default;  // of nothing
  // Nothing when the pool has no room. A null pool has no bound.
  [[nodiscard]] static std::optional<MemoryLease> take(MemoryPool* pool, std::size_t bytes) {
    if (pool != nullptr && !pool->try_take(bytes)) return std::nullopt;
    return MemoryLease(pool, bytes);
  }
  ~MemoryLease() { give_back(); }
  // Of some pool.
  [[nodiscard]] bool is_taken() const { return pool_ != nullptr; }
  // What it was taken for, from a pool or from none.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  MemoryLease(MemoryLease&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), bytes_(other.bytes_) {}
  MemoryLease& operator=(MemoryLease&& other) noexcept {
    if (this != &other) {
      give_back();
      pool_ = std::exchange(other.pool_, nullptr);
      bytes_ = other.bytes_;
    }
    return *this;
  }

 private:
  MemoryLease(MemoryPool* pool, std::size_t bytes) : pool_(pool), bytes_(bytes) {}
  void give_back() {
    if (pool_ != nullptr) pool_->give(bytes_);
  }

  MemoryPool* pool_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace understudy
