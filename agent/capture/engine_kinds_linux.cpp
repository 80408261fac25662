#include "agent/capture/engine_choice.hpp"
#include "agent/capture/interfaces.hpp"
#include "agent/capture/pcap_engine.hpp"

namespace understudy {

const std::vector<EngineKind>& engine_kinds() {
  static const std::vector<EngineKind> kinds{
      {"pcap", "", []() -> Result<std::string> { return capture_library_version(); }, open_live}};
  return kinds;
}

}  // namespace understudy
