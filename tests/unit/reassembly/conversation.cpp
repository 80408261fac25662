#include "tests/unit/reassembly/conversation.hpp"

#include <algorithm>
#include <utility>

#include "traffic/base/bytes.hpp"

namespace understudy {
namespace {

Endpoint endpoint_of(int side) {
  const std::uint8_t address[4] = {10, 0, 0, static_cast<std::uint8_t>(side + 1)};
  return {IpAddress::v4(address), static_cast<std::uint16_t>(side == 0 ? 40000 : 80)};
}

}  // namespace

Conversation::Conversation(std::uint64_t seed, const ConversationLimits& limits) : random_(seed) {
  make_streams();
  shake_hands();
  talk();
  close();
  duplicate();
  reorder(limits.reordering_max);
  if (limits.losses) {
    lose();
  }
}

std::int64_t Conversation::below(std::int64_t bound) {
  return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
}

void Conversation::make_streams() {
  segment_max_ = chance(30) ? 7 : 1 + below(500);
  acknowledged_ahead_max_ = chance(20) ? 25 : 0;
  for (int side = 0; side < 2; ++side) {
    std::string& stream = sent[static_cast<std::size_t>(side)];
    stream.resize(static_cast<std::size_t>(below(segment_max_ < 8 ? 400 : 4000)));
    std::generate(stream.begin(), stream.end(), [this] { return static_cast<char>(random_()); });
    // Half of all streams wrap somewhere within.
    first_sequence[static_cast<std::size_t>(side)] =
        chance(50) ? static_cast<std::uint32_t>(-below(static_cast<std::int64_t>(stream.size()) + 2))
                   : static_cast<std::uint32_t>(random_());
  }
}

void Conversation::send(int side, std::int64_t begin, std::int64_t end, std::uint8_t flags) {
  const auto self = static_cast<std::size_t>(side);
  const std::int64_t peer_size = static_cast<std::int64_t>(sent[1 - self].size());
  ConversationSegment segment;
  segment.side = side;
  segment.offset = begin;
  segment.payload = sent[self].substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
  segment.flags = flags;
  segment.acknowledged = position_[1 - self];
  if (acknowledged_ahead_max_ != 0 && segment.acknowledged < peer_size) {
    segment.acknowledged = std::min(peer_size, segment.acknowledged + below(acknowledged_ahead_max_));
  }
  position_[self] = std::max(position_[self], end);
  captured.push_back(std::move(segment));
}

void Conversation::shake_hands() {
  const std::int64_t in_syn = chance(10) ? below(std::min<std::int64_t>(100, std::ssize(sent[0]) + 1)) : 0;
  const std::int64_t ahead = std::exchange(acknowledged_ahead_max_, 0);
  send(0, 0, in_syn, tcp_flag::syn);
  if (chance(50)) {
    position_[0] = 0;  // the data in the SYN is refused, and sent again
  }
  send(1, 0, 0, tcp_flag::syn | tcp_flag::ack);
  send(0, position_[0], position_[0], tcp_flag::ack);
  acknowledged_ahead_max_ = ahead;
  handshake_ = captured.size();
}

void Conversation::talk() {
  const auto size = [this](int side) { return std::ssize(sent[static_cast<std::size_t>(side)]); };
  while (position_[0] < size(0) || position_[1] < size(1)) {
    const int side = static_cast<int>(below(2));
    const std::int64_t at = position_[static_cast<std::size_t>(side)];
    const std::int64_t end = std::min<std::int64_t>(size(side), at + 1 + below(segment_max_));
    switch (below(10)) {
      case 0: send(side, at, at, tcp_flag::ack); break;
      case 1:  // a retransmission from anywhere, perhaps with new bytes behind
        if (at > 0) {
          const std::int64_t begin = std::max<std::int64_t>(0, at - 1 - below(3 * segment_max_));
          send(side, begin, std::min(size(side), begin + 1 + below(4 * segment_max_)), tcp_flag::ack);
        }
        break;
      case 2:  // a keep-alive probe
        if (at > 0) {
          send(side, at - 1, at - below(2), tcp_flag::ack);
        }
        break;
      default: send(side, at, end, tcp_flag::ack | tcp_flag::psh);
    }
  }
}

void Conversation::close() {
  closed = chance(70);
  if (!closed) {
    return;
  }
  const int first = static_cast<int>(below(2));
  for (const int side : {first, 1 - first}) {
    const std::int64_t size = std::ssize(sent[static_cast<std::size_t>(side)]);
    send(side, std::max<std::int64_t>(0, size - below(10)), size, tcp_flag::ack | tcp_flag::fin);
    position_[static_cast<std::size_t>(side)] = size + 1;  // the FIN takes a number
  }
  // The last acknowledgements; what their senders have sent themselves is complete.
  for (const int side : {first, 1 - first}) {
    ConversationSegment last;
    last.side = side;
    last.offset = position_[static_cast<std::size_t>(side)];
    last.acknowledged = position_[static_cast<std::size_t>(1 - side)];
    captured.push_back(std::move(last));
  }
}

void Conversation::duplicate() {
  const int percent = static_cast<int>(below(30));
  std::vector<ConversationSegment> with;
  for (std::size_t at = 0; at < captured.size(); ++at) {
    with.push_back(captured[at]);
    if (at >= handshake_ && chance(percent)) {
      // Any earlier one, however old.
      with.push_back(
          captured[handshake_ + static_cast<std::size_t>(below(static_cast<std::int64_t>(at - handshake_) + 1))]);
    }
  }
  captured = std::move(with);
}

// Each segment behind the handshake moves by at most `places_max` places against any other.
void Conversation::reorder(int places_max) {
  const std::int64_t places = below(places_max + 1);
  std::vector<std::pair<std::int64_t, ConversationSegment>> keyed;
  for (std::size_t at = 0; at < captured.size(); ++at) {
    const auto place = static_cast<std::int64_t>(at);
    keyed.emplace_back(at < handshake_ ? place : place + below(places + 1), std::move(captured[at]));
  }
  std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t at = 0; at < captured.size(); ++at) {
    captured[at] = std::move(keyed[at].second);
  }
}

void Conversation::lose() {
  const int dropped = static_cast<int>(below(40));
  const int truncated = chance(30) ? static_cast<int>(below(30)) : 0;
  const std::optional<int> unseen_side = chance(15) ? std::optional<int>(static_cast<int>(below(2))) : std::nullopt;
  std::vector<ConversationSegment> left;
  for (ConversationSegment& each : captured) {
    if (chance(dropped) || each.side == unseen_side) {
      continue;
    }
    if (!each.payload.empty() && chance(truncated)) {
      const auto cut = static_cast<std::size_t>(1 + below(std::ssize(each.payload)));
      each.payload.resize(each.payload.size() - cut);
      each.missing = static_cast<std::uint32_t>(cut);
    }
    left.push_back(std::move(each));
  }
  captured = std::move(left);
}

TcpSegment Conversation::segment(const ConversationSegment& of) const {
  const auto self = static_cast<std::size_t>(of.side);
  TcpSegment segment;
  segment.source = endpoint_of(of.side);
  segment.destination = endpoint_of(1 - of.side);
  segment.sequence =
      first_sequence[self] + static_cast<std::uint32_t>(of.offset) - ((of.flags & tcp_flag::syn) != 0 ? 1 : 0);
  if ((of.flags & tcp_flag::ack) != 0) {
    segment.acknowledgment = first_sequence[1 - self] + static_cast<std::uint32_t>(of.acknowledged);
  }
  segment.flags = of.flags;
  segment.payload = as_bytes(of.payload);
  segment.missing = of.missing;
  return segment;
}

}  // namespace understudy
