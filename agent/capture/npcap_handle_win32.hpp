// One open capture of Npcap on one device. Windows only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "agent/capture/engine.hpp"
#include "agent/capture/interfaces.hpp"
#include "agent/capture/live_options.hpp"
#include "agent/capture/npcap_library_win32.hpp"

namespace understudy {

// Thread safety: one thread.
class NpcapHandle {
 public:
  // Non-blocking, with the packet filter of our own libpcap. Errors: permission, no_interface, bad_filter.
  [[nodiscard]] static Result<std::unique_ptr<NpcapHandle>> open(std::shared_ptr<const NpcapLibrary> library,
                                                                 const Interface& interface,
                                                                 const LiveOptions& options);
  ~NpcapHandle();
  NpcapHandle(const NpcapHandle&) = delete;
  NpcapHandle& operator=(const NpcapHandle&) = delete;

  // Hands out what is there, at most `packets_max`, without waiting. Returns how many, or nothing when the handle is of
  // no use any more; error() says why.
  [[nodiscard]] std::optional<int> dispatch(PacketHandler& handler, int packets_max);
  [[nodiscard]] std::string error() const;
  [[nodiscard]] LinkType link_type() const { return link_type_; }

  // Since it was opened. The driver counts in 32 bits; a wrap is followed as long as this is asked now and then.
  [[nodiscard]] EngineStatistics statistics();

 private:
  NpcapHandle(std::shared_ptr<const NpcapLibrary> library, pcap_t* handle)
      : library_(std::move(library)), handle_(handle) {}
  [[nodiscard]] Result<void> activate(const Interface& interface, const LiveOptions& options);
  [[nodiscard]] Result<void> configure(const Interface& interface, const LiveOptions& options);

  const std::shared_ptr<const NpcapLibrary> library_;
  pcap_t* const handle_;
  LinkType link_type_ = 1;
  pcap_stat last_counts_{};
  EngineStatistics statistics_;
};

}  // namespace understudy
