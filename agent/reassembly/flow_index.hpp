// Finds a flow's slot by its key's hash: open addressing with linear probing over 8-byte entries, so that a look-up
// touches one cache line before it touches the flow.
//
// The size is fixed: at most half of the entries are used, and nothing is ever rehashed on a packet's way. Not
// thread-safe. Never allocates after construction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace understudy {

class FlowIndex {
 public:
  static constexpr std::uint32_t none = 0xffffffff;

  // Room for `slots_max` slots numbered from 0. REQUIRES: slots_max from 1 to 2^24.
  explicit FlowIndex(std::size_t slots_max);

  // The first slot with this hash for which `matches(slot)` is true, else none.
  template <typename Matches>
  [[nodiscard]] std::uint32_t find(std::uint64_t hash, const Matches& matches) const {
    const std::uint32_t tag = tag_of(hash);
    for (std::size_t at = home_of(hash);; at = (at + 1) & mask_) {
      const Entry& entry = entries_[at];
      if (entry.slot == none) {
        return none;
      }
      if (entry.tag == tag && matches(entry.slot)) {
        return entry.slot;
      }
    }
  }

  // REQUIRES: `slot` is not in the index, and there is room.
  void insert(std::uint64_t hash, std::uint32_t slot);
  // REQUIRES: `slot` was inserted with this hash.
  void erase(std::uint64_t hash, std::uint32_t slot);

 private:
  // The home of an entry is found again from its tag, which is why the tag keeps the low bits of the hash.
  struct Entry {
    std::uint32_t tag = 0;
    std::uint32_t slot = none;
  };

  [[nodiscard]] static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash); }
  [[nodiscard]] std::size_t home_of(std::uint64_t hash) const { return tag_of(hash) & mask_; }

  std::vector<Entry> entries_;
  std::size_t mask_;
};

}  // namespace understudy
