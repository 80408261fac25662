#include "agent/decode/fragments.hpp"

#include <algorithm>
#include <iterator>

namespace understudy {
namespace {

constexpr std::uint32_t datagram_bytes_max = 65535;
// What a datagram and a piece cost beside their bytes: nodes of the containers, rounded up.
constexpr std::size_t datagram_overhead = 256;
constexpr std::size_t piece_overhead = 96;

bool is_well_formed(const Fragment& fragment) {
  return !fragment.data.empty() && fragment.offset + fragment.data.size() <= datagram_bytes_max &&
         (!fragment.more || fragment.data.size() % 8 == 0);
}

}  // namespace

FragmentReassembly::FragmentReassembly(const FragmentLimits& limits, DecodeStatistics& statistics)
    : limits_(limits), statistics_(statistics) {}

std::size_t FragmentReassembly::KeyHash::operator()(const FragmentKey& key) const {
  std::size_t hash = key.identification ^ (std::size_t{key.network} << 32) ^ key.protocol;
  for (const IpAddress* address : {&key.source, &key.destination}) {
    for (std::size_t i = 0; i < address->bytes.size(); i += 4) {
      hash = (hash ^ load_be32(address->bytes.data() + i)) * 0x9e3779b97f4a7c15U;
      hash ^= hash >> 29;
    }
  }
  return hash;
}

void FragmentReassembly::forget(Position datagram) {
  bytes_ -= datagram->cost;
  by_key_.erase(datagram->key);
  by_age_.erase(datagram);
}

void FragmentReassembly::give_up(Position datagram) {
  statistics_.datagrams_expired.add();
  forget(datagram);
}

bool FragmentReassembly::make_room(std::size_t cost, Position keep) {
  while (bytes_ + cost > limits_.bytes_max) {
    const Position oldest = by_age_.begin() == keep ? std::next(keep) : by_age_.begin();
    if (oldest == by_age_.end()) {
      return false;
    }
    give_up(oldest);
  }
  return true;
}

FragmentReassembly::Position FragmentReassembly::find_or_begin(const FragmentKey& key, WallTime now) {
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    return found->second;
  }
  if (by_age_.size() >= limits_.datagrams_max) {
    give_up(by_age_.begin());
  }
  Datagram datagram;
  datagram.key = key;
  datagram.first_seen = now;
  datagram.cost = datagram_overhead;
  bytes_ += datagram_overhead;
  const Position position = by_age_.insert(by_age_.end(), std::move(datagram));
  by_key_.emplace(key, position);
  return position;
}

std::size_t FragmentReassembly::fill_holes(Datagram& datagram, const Fragment& fragment) {
  const auto end = fragment.offset + static_cast<std::uint32_t>(fragment.data.size());
  std::size_t added = 0;
  std::uint32_t at = fragment.offset;
  auto next = datagram.pieces.upper_bound(at);
  if (next != datagram.pieces.begin()) {
    const auto& [offset, bytes] = *std::prev(next);
    at = std::max(at, offset + static_cast<std::uint32_t>(bytes.size()));
  }
  while (at < end) {
    const std::uint32_t hole_end = next == datagram.pieces.end() ? end : std::min(end, next->first);
    if (at < hole_end) {
      const ByteView part = fragment.data.subspan(at - fragment.offset, hole_end - at);
      datagram.pieces.emplace_hint(next, at, std::vector<std::uint8_t>(part.begin(), part.end()));
      added += part.size();
      datagram.cost += piece_overhead + part.size();
      bytes_ += piece_overhead + part.size();
    }
    if (next == datagram.pieces.end()) {
      break;
    }
    at = std::max(at, next->first + static_cast<std::uint32_t>(next->second.size()));
    ++next;
  }
  datagram.payload_bytes += added;
  return added;
}

void FragmentReassembly::complete(Position datagram) {
  std::vector<std::uint8_t> whole;
  whole.reserve(datagram->payload_bytes);
  for (const auto& [offset, bytes] : datagram->pieces) {
    whole.insert(whole.end(), bytes.begin(), bytes.end());
  }
  next_header_ = datagram->next_header;
  completed_.push_back(std::move(whole));
  statistics_.datagrams_reassembled.add();
  forget(datagram);
}

FragmentOutcome FragmentReassembly::add(const FragmentKey& key, const Fragment& fragment, WallTime now) {
  while (!by_age_.empty() && now - by_age_.front().first_seen > limits_.age_max) {
    give_up(by_age_.begin());
  }
  if (!is_well_formed(fragment)) {
    return FragmentOutcome::malformed;
  }
  const Position datagram = find_or_begin(key, now);
  const auto end = fragment.offset + static_cast<std::uint32_t>(fragment.data.size());
  // The end is told once; a fragment that contradicts it, or lies beyond it, is not believed.
  const auto furthest =
      datagram->pieces.empty()
          ? 0U
          : datagram->pieces.rbegin()->first + static_cast<std::uint32_t>(datagram->pieces.rbegin()->second.size());
  if ((datagram->length && (end > *datagram->length || (!fragment.more && end != *datagram->length))) ||
      (!fragment.more && end < furthest)) {
    return FragmentOutcome::malformed;
  }
  // Filling holes makes at most one piece more than there are.
  const std::size_t cost_max = fragment.data.size() + (datagram->pieces.size() + 1) * piece_overhead;
  if (datagram->pieces.size() >= limits_.pieces_max || !make_room(cost_max, datagram)) {
    return FragmentOutcome::limit;
  }
  const std::size_t added = fill_holes(*datagram, fragment);
  if (added < fragment.data.size()) {
    statistics_.fragments_overlapping.add();
  }
  if (added > 0 && fragment.offset == 0) {
    datagram->next_header = fragment.next_header;
  }
  if (!fragment.more) {
    datagram->length = end;
  }
  if (datagram->length == datagram->payload_bytes) {
    complete(datagram);
    return FragmentOutcome::complete;
  }
  return added == 0 ? FragmentOutcome::duplicate : FragmentOutcome::held;
}

}  // namespace understudy
