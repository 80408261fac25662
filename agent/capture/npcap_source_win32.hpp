// One interface of a capture by Npcap, through the times when it is gone. Windows only.
#pragma once

#include <memory>
#include <string>

#include "agent/capture/npcap_handle_win32.hpp"

namespace understudy {

// Thread safety: one thread.
class NpcapSource {
 public:
  // Errors: as NpcapHandle::open.
  [[nodiscard]] static Result<std::unique_ptr<NpcapSource>> open(std::shared_ptr<const NpcapLibrary> library,
                                                                 const Interface& interface,
                                                                 const LiveOptions& options);

  // Opens the interface again when it is gone and that is due.
  void attend(MonotonicTime now);
  // How many packets were handed out.
  [[nodiscard]] int dispatch(PacketHandler& handler, int packets_max);
  // Monotonic, also when the interface was opened several times.
  [[nodiscard]] EngineStatistics statistics();

 private:
  NpcapSource(std::shared_ptr<const NpcapLibrary> library, Interface interface, LiveOptions options)
      : library_(std::move(library)), interface_(std::move(interface)), options_(std::move(options)) {}
  void tell(const std::string& event) const;

  const std::shared_ptr<const NpcapLibrary> library_;
  const Interface interface_;
  const LiveOptions options_;
  std::unique_ptr<NpcapHandle> handle_;
  EngineStatistics of_closed_;  // sum over the handles before this one
  MonotonicTime due_;           // when to open again
  Nanoseconds retry_delay_{};
  std::string last_problem_;  // told already
};

}  // namespace understudy
