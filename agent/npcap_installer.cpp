#include "agent/npcap_installer.hpp"

#include <fmt/format.h>

namespace understudy {

InstallerOutcome npcap_installer_outcome(unsigned long exit_code) {
  constexpr unsigned long success = 0;
  constexpr unsigned long aborted = 1;
  constexpr unsigned long failed = 2;
  constexpr unsigned long restart_before = 350;  // ERROR_FAIL_NOACTION_REBOOT
  constexpr unsigned long restart_after = 3010;  // ERROR_SUCCESS_REBOOT_REQUIRED
  switch (exit_code) {
    case success: return {true, false, "installed"};
    case restart_after: return {true, true, "installed; Windows must be restarted before it captures"};
    case aborted: return {false, false, "it was aborted (1): is it the OEM edition? Only that one installs with /S"};
    case failed:
      return {false, false,
              "it failed (2): a program may hold a file of an earlier Npcap open; its log is install.log in Npcap's "
              "folder"};
    case restart_before:
      return {false, true, "it did nothing, since Windows must be restarted first (350); restart it and try again"};
    default: return {false, false, fmt::format("it ended with {}, which Npcap's guide does not name", exit_code)};
  }
}

}  // namespace understudy
