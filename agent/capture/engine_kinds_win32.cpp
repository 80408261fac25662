#include "agent/capture/engine_choice.hpp"
#include "agent/capture/npcap_engine_win32.hpp"
#include "agent/capture/pktmon_engine_win32.hpp"
#include "agent/capture/raw_socket_engine_win32.hpp"

namespace understudy {

const std::vector<EngineKind>& engine_kinds() {
  static const std::vector<EngineKind> kinds{
      {"npcap", "it has captured real packets under Wine, and never run on a real Windows", probe_npcap, open_npcap},
      {"pktmon",
       "it was written by Microsoft's documentation and has never run on a real Windows; packets over 9000 bytes are "
       "cut. Prefer Npcap where it can be installed",
       probe_pktmon, open_pktmon},
      {"raw",
       "it has never run on a real Windows; it counts no drops, and Windows Firewall hides incoming packets from it "
       "unless a rule lets this program receive. Prefer Npcap where it can be installed",
       probe_raw_sockets, open_raw_sockets}};
  return kinds;
}

}  // namespace understudy
