#include "agent/capture/duplicate_filter.hpp"

#include <algorithm>
#include <cstring>

#include "agent/capture/link_type.hpp"

namespace understudy {
namespace {

constexpr std::size_t bucket_count = 4096;
constexpr std::size_t bucket_size = 2;
constexpr std::size_t transport_bytes = 16;  // of TCP: up to the checksum
constexpr std::size_t vlan_tags_max = 4;

// The IP header and what is behind it; empty when it is not IP.
ByteView ip_packet(const PacketView& packet) {
  if (packet.link_type == link_type::raw_ip) return packet.data;
  if (packet.link_type != link_type::ethernet) return {};
  std::size_t type_at = 12;
  for (std::size_t tags = 0; tags <= vlan_tags_max; ++tags, type_at += 4) {
    if (packet.data.size() < type_at + 2) return {};
    const std::uint16_t type = load_be16(packet.data.data() + type_at);
    if (type == 0x0800 || type == 0x86dd) return packet.data.subspan(type_at + 2);
    if (type != 0x8100 && type != 0x88a8) return {};
  }
  return {};
}

// Two rounds of multiplication and folding for each eight bytes: with a secret seed nobody finds collisions from
// outside.
class Mixer {
 public:
  explicit Mixer(std::uint64_t seed) : state_(seed ^ 0x9e3779b97f4a7c15U) {}

  void add(ByteView bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + at, std::min(sizeof word, bytes.size() - at));
      add(word);
    }
  }
  void add(std::uint64_t word) { state_ = fold(fold(state_ ^ word, 0xa0761d6478bd642fU) ^ word, 0xe7037ed1a0b428dbU); }
  [[nodiscard]] std::uint64_t value() const { return state_; }

 private:
  static std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  std::uint64_t state_;
};

}  // namespace

DuplicateFilter::DuplicateFilter(Nanoseconds window, std::uint64_t seed)
    : window_(window), seed_(seed), entries_(bucket_count * bucket_size) {}

std::optional<std::uint64_t> DuplicateFilter::fingerprint(const PacketView& packet) const {
  const ByteView ip = ip_packet(packet);
  if (ip.size() < 20) return std::nullopt;
  Mixer mixer(seed_);
  std::size_t header = 0;
  switch (ip[0] >> 4) {
    case 4:
      header = static_cast<std::size_t>(ip[0] & 0x0f) * 4;
      mixer.add(ip.subspan(2, 6));   // length, identification, fragment
      mixer.add(ip.subspan(9, 1));   // protocol
      mixer.add(ip.subspan(12, 8));  // addresses
      break;
    case 6:
      header = 40;
      if (ip.size() < header) return std::nullopt;
      mixer.add(ip.subspan(4, 3));   // length, next header
      mixer.add(ip.subspan(8, 32));  // addresses
      break;
    default: return std::nullopt;
  }
  if (ip.size() < header) return std::nullopt;
  const ByteView rest = ip.subspan(header);
  mixer.add(rest.first(std::min(rest.size(), transport_bytes)));
  mixer.add(rest.size() < transport_bytes ? rest.size() : transport_bytes);
  return mixer.value();
}

bool DuplicateFilter::is_duplicate(const PacketView& packet) {
  const std::optional<std::uint64_t> known_by = fingerprint(packet);
  if (!known_by) return false;
  Entry* const bucket = &entries_[(*known_by % bucket_count) * bucket_size];
  Entry* oldest = bucket;
  for (Entry* entry = bucket; entry != bucket + bucket_size; ++entry) {
    // Clocks of two places may differ by a little, so that the copy's time may lie before the first one's.
    if (entry->fingerprint == *known_by && entry->time != WallTime::min()) {
      const Nanoseconds apart = packet.time > entry->time ? packet.time - entry->time : entry->time - packet.time;
      if (apart <= window_) return true;
    }
    if (entry->time < oldest->time) oldest = entry;
  }
  *oldest = {*known_by, packet.time};
  return false;
}

}  // namespace understudy
