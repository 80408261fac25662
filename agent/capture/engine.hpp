// A source of packets: live interfaces or a capture file.
//
// Thread safety: one thread polls an engine. stop() and statistics() may be called from any thread.
#pragma once

#include <cstdint>
#include <string>

#include "agent/capture/packet.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// Receives packets. A reference to it is passed to each poll; it must not keep the view.
class PacketHandler {
 public:
  virtual ~PacketHandler() = default;
  virtual void on_packet(const PacketView& packet) = 0;
};

// What the engine itself knows of losses. Monotonic; zero where the platform has no such counter.
struct EngineStatistics {
  std::uint64_t packets_received = 0;
  std::uint64_t dropped_by_kernel = 0;     // the capture buffer was full
  std::uint64_t dropped_by_interface = 0;  // the network card or its driver
  bool counts_drops = true;                // false: this engine cannot know, and its zeros mean nothing
};

enum class PollOutcome : std::uint8_t {
  packets,  // at least one was handed out
  idle,     // none came within the wait
  end,      // a file's end, or stop() was called: no more will come
};

class Engine {
 public:
  virtual ~Engine() = default;

  // Waits up to `wait` for packets, hands what is there to `handler`, and returns. An error ends the capture, but an
  // interface that goes down and comes back is not one: the engine reopens it by itself, and reports idle meanwhile.
  [[nodiscard]] virtual Result<PollOutcome> poll(PacketHandler& handler, Nanoseconds wait) = 0;

  // Makes the current and every later poll return `end` soon. Async-signal safe.
  virtual void stop() = 0;

  [[nodiscard]] virtual EngineStatistics statistics() const = 0;

  // For logs and the doctor: "libpcap on eth0, lo (buffer 32 MiB, snap length 262144)".
  [[nodiscard]] virtual std::string description() const = 0;
};

}  // namespace understudy
