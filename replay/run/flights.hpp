// The requests of a shard that are under way, each under a ticket.
//
// A ticket is an index into a table that grows to the most that were ever under way, and is used again. Thread safety:
// none; the shard's loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "replay/run/shard.hpp"
#include "traffic/base/check.hpp"

namespace understudy {

struct Flight {
  Scheduled item;
  MonotonicTime due{};
  MonotonicTime handed{};               // to the senders
  std::size_t missing = 0;              // targets that have not finished it
  bool measured = true;                 // not within warm-up or cool-down
  std::vector<TargetAnswer> answers{};  // where responses are kept
};

class Flights {
 public:
  using Ticket = std::uint64_t;

  [[nodiscard]] Ticket add(Flight&& flight) {
    ++size_;
    if (free_.empty()) {
      table_.push_back(std::move(flight));
      return table_.size() - 1;
    }
    const Ticket ticket = free_.back();
    free_.pop_back();
    table_[ticket] = std::move(flight);
    return ticket;
  }
  [[nodiscard]] Flight& at(Ticket ticket) {
    CHECK(ticket < table_.size());
    return table_[ticket];
  }
  [[nodiscard]] Flight remove(Ticket ticket) {
    Flight flight = std::exchange(at(ticket), Flight{});
    free_.push_back(ticket);
    --size_;
    return flight;
  }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::vector<Flight> table_;
  std::vector<Ticket> free_;
  std::size_t size_ = 0;
};

}  // namespace understudy
