// One open capture of libpcap on one interface.
#pragma once

#include <pcap.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "agent/capture/pcap_engine.hpp"

namespace understudy {

inline constexpr std::string_view any_interface = "any";

// Thread safety: one thread.
class PcapHandle {
 public:
  // Errors as open_live(), and `is_down` tells whether the interface exists, but is down.
  [[nodiscard]] static Result<std::unique_ptr<PcapHandle>> open(const std::string& interface,
                                                                const LiveOptions& options,
                                                                std::optional<std::uint16_t> fan_out_group,
                                                                bool& is_down);

  // Readable when packets are there.
  [[nodiscard]] int descriptor() const { return descriptor_; }
  // Of the interface when it was opened; 0 for "any". A recreated interface has another one.
  [[nodiscard]] unsigned interface_index() const { return interface_index_; }

  // Hands out what is there, at most `packets_max`, without waiting. Returns how many libpcap looked at, or nothing
  // when the handle is of no use any more; error() says why. What `handler` throws is thrown on.
  [[nodiscard]] std::optional<int> dispatch(PacketHandler& handler, int packets_max);
  [[nodiscard]] std::string error() const { return ::pcap_geterr(handle_.get()); }

  // Packets from before this time are not handed out.
  void discard_before(WallTime time) { not_before_ = time; }

  // Since it was opened.
  [[nodiscard]] EngineStatistics statistics() const;

 private:
  struct Close {
    void operator()(pcap_t* handle) const { ::pcap_close(handle); }
  };
  explicit PcapHandle(pcap_t* handle) : handle_(handle) {}
  static void on_packet(u_char* self, const pcap_pkthdr* header, const u_char* data);
  [[nodiscard]] Result<void> activate(const std::string& interface, const LiveOptions& options, bool& is_down);
  [[nodiscard]] Result<void> configure(const LiveOptions& options, std::optional<std::uint16_t> fan_out_group);

  std::unique_ptr<pcap_t, Close> handle_;
  std::string interface_;
  int descriptor_ = -1;
  unsigned interface_index_ = 0;
  LinkType link_type_ = 1;
  std::int64_t nanoseconds_per_fraction_ = 1;
  std::uint64_t drops_at_open_ = 0;
  WallTime not_before_ = WallTime::min();
  PacketHandler* handler_ = nullptr;
  std::exception_ptr thrown_;
};

}  // namespace understudy
