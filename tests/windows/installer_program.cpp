// usage: installer-program PATH SHA256 MILLISECONDS
//
// Runs an Npcap installer as the agent does; the exit code is the error's, and standard output has the message.
#include <cstdio>
#include <cstdlib>

#include "agent/npcap_installer.hpp"

int main(int count, char** words) {
  if (count != 4) return static_cast<int>(understudy::ExitCode::usage);
  understudy::NpcapInstaller installer{words[1], words[2], std::chrono::milliseconds(std::atoi(words[3]))};
  const auto installed = understudy::install_npcap(installer);
  std::printf("%s\n", installed ? installed->c_str() : installed.error().message.c_str());
  return installed ? 0 : static_cast<int>(installed.error().code);
}
