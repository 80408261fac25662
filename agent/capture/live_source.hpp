// One interface of a live capture, through the times when it is down or gone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "agent/capture/pcap_handle.hpp"

namespace understudy {

// Thread safety: one thread.
class LiveSource {
 public:
  // An interface that exists but is down is no error: it is waited for.
  [[nodiscard]] static Result<std::unique_ptr<LiveSource>> open(const std::string& interface,
                                                                const LiveOptions& options,
                                                                std::optional<std::uint16_t> fan_out_group);

  // To wait for; -1 while there is none.
  [[nodiscard]] int descriptor() const { return handle_ == nullptr ? -1 : handle_->descriptor(); }
  // Reopens and looks after the interface when that is due. Returns how long that can wait from now on.
  [[nodiscard]] Nanoseconds attend(MonotonicTime now);
  // The socket told that something is wrong with the interface.
  void on_socket_error();
  // Whether a packet was there.
  [[nodiscard]] bool dispatch(PacketHandler& handler, int packets_max);
  void discard_before(WallTime time);
  // Monotonic, also when the interface was opened several times.
  [[nodiscard]] EngineStatistics statistics() const;

 private:
  enum class State : std::uint8_t {
    capturing,
    down,  // the handle is open; the kernel goes on by itself when the interface comes up
    gone,  // there is no handle; reopened with increasing delay
  };

  LiveSource(std::string interface, const LiveOptions& options, std::optional<std::uint16_t> fan_out_group)
      : interface_(std::move(interface)), options_(options), fan_out_group_(fan_out_group) {}
  void tell(const std::string& event) const;
  void close(const std::string& why);
  void look_at_interface();
  void reopen();

  const std::string interface_;
  const LiveOptions options_;
  const std::optional<std::uint16_t> fan_out_group_;
  std::unique_ptr<PcapHandle> handle_;
  EngineStatistics of_closed_;  // sum over the handles before this one
  State state_ = State::capturing;
  MonotonicTime due_;  // when to look again, unless capturing
  Nanoseconds retry_delay_{};
  std::string last_problem_;  // told already
};

}  // namespace understudy
