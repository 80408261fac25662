#include "agent/npcap_installer.hpp"

namespace understudy {

Result<std::string> install_npcap(const NpcapInstaller&) {
  return fail(ExitCode::usage, "Npcap is for Windows; this system captures without it");
}

}  // namespace understudy
