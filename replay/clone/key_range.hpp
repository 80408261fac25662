// A range of keys of a bucket: those with a prefix, behind one key and up to another, in byte order. Segments are
// ranges, so that a prefix with nearly all keys is cut like everything else.
//
// Values; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace understudy {

struct KeyRange {
  std::string prefix;
  std::string start_after;  // not in it; empty: from the first
  std::string end_at;       // in it; empty: to the last

  [[nodiscard]] bool contains(std::string_view key) const;
  friend bool operator==(const KeyRange&, const KeyRange&) = default;
};

// Keys of the source, and what they are called in the destination: another prefix in place of the source's.
struct KeyMap {
  std::string source_prefix, destination_prefix;

  // REQUIRES: the key begins with source_prefix, or is empty (which stays so).
  [[nodiscard]] std::string operator()(std::string_view key) const;
  [[nodiscard]] KeyRange operator()(const KeyRange& range) const;
};

// Cuts a range at some of `boundaries` (in byte order, each with the range's prefix) into `count` ranges at most, which
// hold the same keys, each about as many boundaries. Empty boundaries: the range as it is. REQUIRES: count > 0.
[[nodiscard]] std::vector<KeyRange> split(const KeyRange& range, const std::vector<std::string>& boundaries,
                                          std::size_t count);

}  // namespace understudy
