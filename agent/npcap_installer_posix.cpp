#include "agent/npcap_installer.hpp"

namespace understudy {

Result<std::string> install_npcap(const NpcapInstaller&) {
  return fail(ExitCode::usage, "Npcap is for Windows; this system captures without it");
}

Result<std::string> install_npcap_if_needed(const NpcapInstaller& installer) { return install_npcap(installer); }

}  // namespace understudy
