// The rule set in force, which a reload replaces while workers and senders use it.
//
// Readers do not lock for each request: a reader keeps its own reference and compares one counter, which changes only
// on reload; so the common case is one load of a cache line that nobody writes. The lock is taken by a writer, and by
// each reader once after a reload.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "traffic/base/check.hpp"
#include "traffic/rules/rule_chain.hpp"

namespace understudy {

class CurrentRules {
 public:
  // REQUIRES: rules is not null.
  explicit CurrentRules(std::shared_ptr<const RuleSet> rules) : rules_(std::move(rules)) { CHECK(rules_ != nullptr); }

  // Replaces the rules for all readers. Requests that are being judged keep the old ones to their end. Any thread.
  void set(std::shared_ptr<const RuleSet> rules) {
    CHECK(rules != nullptr);
    const std::lock_guard lock(mutex_);
    rules_ = std::move(rules);
    version_.fetch_add(1, std::memory_order_release);
  }

  [[nodiscard]] std::shared_ptr<const RuleSet> get() const {
    const std::lock_guard lock(mutex_);
    return rules_;
  }

  // One thread's view. REQUIRES: used by one thread; does not outlive the CurrentRules.
  class Reader {
   public:
    explicit Reader(const CurrentRules& source) : source_(source) { refresh(); }

    // The rules in force. The reference holds until the next call.
    [[nodiscard]] const RuleSet& rules() {
      if (source_.version_.load(std::memory_order_acquire) != version_) [[unlikely]]
        refresh();
      return *rules_;
    }

   private:
    void refresh() {
      const std::lock_guard lock(source_.mutex_);
      rules_ = source_.rules_;
      version_ = source_.version_.load(std::memory_order_relaxed);
    }

    const CurrentRules& source_;
    std::shared_ptr<const RuleSet> rules_;
    std::uint64_t version_ = 0;
  };

 private:
  mutable std::mutex mutex_;  // guards rules_
  std::shared_ptr<const RuleSet> rules_;
  std::atomic<std::uint64_t> version_{0};
};

}  // namespace understudy
