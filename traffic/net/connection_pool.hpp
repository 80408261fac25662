// The connections of one sender: so many slots, each closed, on its way, idle or busy.
//
// The idle connection that was used last is used first, so that as few as possible are active and the others reach
// their idle limit.
//
// Thread safety: the gauges from any thread, everything else on the loop's thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

#include "traffic/base/check.hpp"
#include "traffic/net/connection.hpp"

namespace understudy {

class ConnectionPool {
 public:
  ConnectionPool(const std::shared_ptr<ConnectionContext>& context, std::size_t connections_max)
      : phases_(connections_max, Phase::closed) {
    CHECK(connections_max > 0);
    for (std::size_t slot = 0; slot < connections_max; ++slot) {
      connections_.push_back(std::make_shared<Connection>(context, slot));
    }
    idle_.reserve(connections_max);
  }

  [[nodiscard]] std::size_t size() const { return connections_.size(); }
  [[nodiscard]] Connection& at(std::size_t slot) { return *connections_[slot]; }
  [[nodiscard]] bool is_closed(std::size_t slot) const { return phases_[slot] == Phase::closed; }
  [[nodiscard]] bool is_idle(std::size_t slot) const { return phases_[slot] == Phase::idle; }
  // A slot that is neither open nor on its way. REQUIRES: open() + connecting() < size().
  [[nodiscard]] std::size_t closed_slot() const {
    const auto found = std::find(phases_.begin(), phases_.end(), Phase::closed);
    CHECK(found != phases_.end());
    return static_cast<std::size_t>(found - phases_.begin());
  }
  // The idle connection that was used last, or null. It stays idle until set_busy().
  [[nodiscard]] Connection* newest_idle() { return idle_.empty() ? nullptr : connections_[idle_.back()].get(); }

  void set_connecting(std::size_t slot) { change(slot, Phase::connecting); }
  void set_idle(std::size_t slot) { change(slot, Phase::idle); }
  void set_busy(std::size_t slot) { change(slot, Phase::busy); }
  void set_closed(std::size_t slot) { change(slot, Phase::closed); }

  // Gauges. open() is idle and busy.
  [[nodiscard]] std::size_t connecting() const { return connecting_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t open() const { return open_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t busy() const { return busy_.load(std::memory_order_relaxed); }

 private:
  enum class Phase : std::uint8_t { closed, connecting, idle, busy };

  [[nodiscard]] static bool is_open(Phase phase) { return phase == Phase::idle || phase == Phase::busy; }

  void change(std::size_t slot, Phase to) {
    const Phase from = std::exchange(phases_[slot], to);
    if (from == Phase::idle) {
      if (idle_.back() == slot) {
        idle_.pop_back();
      } else {
        idle_.erase(std::find(idle_.begin(), idle_.end(), slot));
      }
    }
    if (to == Phase::idle) idle_.push_back(slot);
    count(connecting_, from == Phase::connecting, to == Phase::connecting);
    count(busy_, from == Phase::busy, to == Phase::busy);
    count(open_, is_open(from), is_open(to));
  }
  static void count(std::atomic<std::size_t>& gauge, bool before, bool after) {
    if (before == after) return;
    gauge.store(gauge.load(std::memory_order_relaxed) + (after ? 1U : 0U) - (before ? 1U : 0U),
                std::memory_order_relaxed);
  }

  std::vector<std::shared_ptr<Connection>> connections_;
  std::vector<Phase> phases_;
  std::vector<std::size_t> idle_;
  std::atomic<std::size_t> connecting_{0};
  std::atomic<std::size_t> open_{0};
  std::atomic<std::size_t> busy_{0};
};

}  // namespace understudy
