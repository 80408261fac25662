// What arrived at the shadow, by id: exactly once, more than once, or not at all, and when.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "tests/support/tools/request_scanner.hpp"

namespace understudy::tools {

class ArrivalBook {
 public:
  // Ids from 0 to below this are told apart; higher ones count as without an id.
  static constexpr std::uint64_t max_ids = 16U * 1024 * 1024;

  // `at_ns`: wall time of the read that completed the request.
  void arrived(const ScannedRequest& request, std::uint64_t at_ns);
  void malformed() { ++malformed_; }
  void clear();

  // JSON object of the counts. Of the ids [first, first + expect) those missing are counted, and up to 20 of them
  // named.
  [[nodiscard]] std::string counts_json(std::uint64_t first, std::uint64_t expect) const;
  // JSON array of the last heads (up to 32), newest last, bytes above 0x7e as \u00XX.
  [[nodiscard]] std::string heads_json() const;
  // The arrival time of each id from 0 on, 0 where there was none, as 64-bit little-endian numbers.
  bool write_times(const std::string& path) const;

 private:
  static constexpr std::size_t kept_heads = 32;

  std::uint64_t requests_ = 0;
  std::uint64_t unique_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t corrupt_ = 0;
  std::uint64_t without_id_ = 0;
  std::uint64_t malformed_ = 0;
  std::uint64_t body_bytes_ = 0;
  std::vector<std::uint64_t> times_;
  std::deque<std::string> heads_;
  std::vector<std::uint64_t> corrupt_ids_;  // the first 20
};

}  // namespace understudy::tools
