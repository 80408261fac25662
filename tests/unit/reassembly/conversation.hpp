// A random TCP conversation and what a capture may do to it, out of one seed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "agent/decode/segment.hpp"

namespace understudy {

struct ConversationSegment {
  int side = 0;               // 0: the client sent it
  std::int64_t offset = 0;    // of the payload in its side's stream
  std::string payload;        // what was captured
  std::uint32_t missing = 0;  // what the snap length cut off
  std::uint8_t flags = tcp_flag::ack;
  std::int64_t acknowledged = 0;  // offset in the other side's stream
};

struct ConversationLimits {
  bool losses = false;     // segments dropped and truncated by the capture
  int reordering_max = 8;  // places that a segment may move
};

class Conversation {
 public:
  Conversation(std::uint64_t seed, const ConversationLimits& limits);

  // Both streams as they were sent.
  std::array<std::string, 2> sent;
  std::array<std::uint32_t, 2> first_sequence{};  // of offset 0
  bool closed = false;                            // both FINs were sent and acknowledged
  // What the capture saw, in its order.
  std::vector<ConversationSegment> captured;

  [[nodiscard]] TcpSegment segment(const ConversationSegment& of) const;

 private:
  using Random = std::mt19937_64;
  [[nodiscard]] std::int64_t below(std::int64_t bound);
  [[nodiscard]] bool chance(int percent) { return below(100) < percent; }

  void make_streams();
  void shake_hands();
  void talk();
  void close();
  void send(int side, std::int64_t begin, std::int64_t end, std::uint8_t flags);
  void duplicate();
  void reorder(int places_max);
  void lose();

  Random random_;
  std::array<std::int64_t, 2> position_{};  // what was sent so far
  std::int64_t segment_max_ = 0;
  std::int64_t acknowledged_ahead_max_ = 0;
  std::size_t handshake_ = 0;
};

}  // namespace understudy
