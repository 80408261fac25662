#include "agent/reassembly/flow_index.hpp"

#include <bit>

#include "traffic/base/check.hpp"

namespace understudy {

FlowIndex::FlowIndex(std::size_t slots_max) : entries_(std::bit_ceil(slots_max * 2)), mask_(entries_.size() - 1) {
  CHECK(slots_max >= 1 && slots_max <= (std::size_t{1} << 24));
}

void FlowIndex::insert(std::uint64_t hash, std::uint32_t slot) {
  std::size_t at = home_of(hash);
  while (entries_[at].slot != none) {
    at = (at + 1) & mask_;
  }
  entries_[at] = {.tag = tag_of(hash), .slot = slot};
}

void FlowIndex::erase(std::uint64_t hash, std::uint32_t slot) {
  std::size_t hole = home_of(hash);
  while (entries_[hole].slot != slot) {
    CHECK(entries_[hole].slot != none);
    hole = (hole + 1) & mask_;
  }
  // Later entries of the run move up into the hole, unless that would put them before their home.
  for (std::size_t at = (hole + 1) & mask_; entries_[at].slot != none; at = (at + 1) & mask_) {
    const std::size_t home = entries_[at].tag & mask_;
    if (((at - home) & mask_) >= ((at - hole) & mask_)) {
      entries_[hole] = entries_[at];
      hole = at;
    }
  }
  entries_[hole] = {};
}

}  // namespace understudy
