// Events of one direction that wait until the other direction has decided what they mean.
//
// Bound: the caller's, who looks at size() and at the budget before adding; what is held is charged to the budget, as
// far as it has room. Copies, because the views of stream events die with their call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/http/memory_budget.hpp"

namespace understudy {

class HeldBytes {
 public:
  struct Item {
    WallTime time;
    std::string bytes;          // data, or
    std::uint64_t missing = 0;  // a gap of that many bytes
    bool truncated = false;
  };

  explicit HeldBytes(MemoryBudget& budget) : budget_(budget) {}
  ~HeldBytes() { budget_.give(charged_); }
  HeldBytes(const HeldBytes&) = delete;
  HeldBytes& operator=(const HeldBytes&) = delete;

  void add_data(std::string_view bytes, WallTime time) {
    add_size(bytes.size() + sizeof(Item));
    items_.push_back({time, std::string(bytes), 0, false});
  }
  void add_gap(std::uint64_t missing, bool truncated, WallTime time) {
    add_size(sizeof(Item));
    items_.push_back({time, {}, missing, truncated});
  }

  // Bytes of memory, about.
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const std::vector<Item>& items() const { return items_; }

 private:
  void add_size(std::size_t bytes) {
    size_ += bytes;
    if (budget_.try_take(bytes)) charged_ += bytes;
  }

  MemoryBudget& budget_;
  std::vector<Item> items_;
  std::size_t charged_ = 0;
  std::size_t size_ = 0;
};

}  // namespace understudy
