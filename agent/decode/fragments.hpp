// Reassembly of IP fragments, RFC 791 section 3.2 and RFC 8200 section 4.5, within limits.
//
// Where fragments overlap, the first copy of a byte wins. Datagrams are given up oldest first when a limit is reached.
// Time is the packets' own. Memory is taken only when fragments come, and given back with the datagram.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "agent/decode/decode_statistics.hpp"
#include "traffic/base/bytes.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/endpoint.hpp"

namespace understudy {

struct FragmentLimits {
  std::size_t bytes_max = std::size_t{4} * 1024 * 1024;  // in all datagrams together
  std::size_t datagrams_max = 1024;
  std::size_t pieces_max = 512;  // of one datagram
  Nanoseconds age_max = std::chrono::seconds(30);
};

// What ties the fragments of a datagram together.
struct FragmentKey {
  IpAddress source;
  IpAddress destination;
  std::uint32_t network = 0;
  std::uint32_t identification = 0;
  std::uint8_t protocol = 0;

  friend bool operator==(const FragmentKey&, const FragmentKey&) = default;
};

struct Fragment {
  std::uint32_t offset = 0;      // bytes into the datagram's payload
  bool more = false;             // not the last
  std::uint8_t next_header = 0;  // the upper protocol, as this fragment names it
  ByteView data;
};

enum class FragmentOutcome : std::uint8_t {
  held,
  duplicate,
  malformed,
  limit,
  complete,
};

class FragmentReassembly {
 public:
  // REQUIRES: `statistics` outlives it. Counts datagrams and overlaps there; how packets end is the caller's to count.
  FragmentReassembly(const FragmentLimits& limits, DecodeStatistics& statistics);

  // When complete, `datagram()` is the whole payload until the next call of release().
  [[nodiscard]] FragmentOutcome add(const FragmentKey& key, const Fragment& fragment, WallTime now);
  [[nodiscard]] ByteView datagram() const { return completed_.back(); }
  // Its upper protocol, as the first fragment names it. REQUIRES for both: add() has just returned complete.
  [[nodiscard]] std::uint8_t next_header() const { return next_header_; }
  // Frees what was completed. Called when the packet is done, not before: a tunnel's datagram may hold a fragment
  // itself.
  void release() { completed_.clear(); }

  // Held now, with what the bookkeeping costs.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t datagrams() const { return by_age_.size(); }

 private:
  struct Datagram {
    FragmentKey key;
    WallTime first_seen;
    std::map<std::uint32_t, std::vector<std::uint8_t>> pieces;  // by offset, disjoint
    std::size_t payload_bytes = 0;
    std::size_t cost = 0;                 // payload and bookkeeping
    std::uint8_t next_header = 0;         // of the fragment at offset 0
    std::optional<std::uint32_t> length;  // known once the last fragment came
  };
  struct KeyHash {
    std::size_t operator()(const FragmentKey& key) const;
  };
  using Position = std::list<Datagram>::iterator;

  void forget(Position datagram);
  void give_up(Position datagram);
  // Whether `cost` more bytes fit, after giving up older datagrams if need be. `keep` is not given up.
  [[nodiscard]] bool make_room(std::size_t cost, Position keep);
  [[nodiscard]] Position find_or_begin(const FragmentKey& key, WallTime now);
  // Adds what is new of it, in as many pieces as there are holes; returns how many bytes that was.
  [[nodiscard]] std::size_t fill_holes(Datagram& datagram, const Fragment& fragment);
  void complete(Position datagram);

  const FragmentLimits limits_;
  std::list<Datagram> by_age_;  // oldest first
  std::unordered_map<FragmentKey, Position, KeyHash> by_key_;
  std::size_t bytes_ = 0;
  DecodeStatistics& statistics_;
  std::uint8_t next_header_ = 0;
  std::vector<std::vector<std::uint8_t>> completed_;
};

}  // namespace understudy
