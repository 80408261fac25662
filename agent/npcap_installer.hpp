// Runs an Npcap OEM installer that the customer has bought and named.
//
// Npcap is never downloaded and never bundled. Only its OEM edition installs silently; the free one opens a window at
// /S, which the time limit ends. Source: npcap.com/guide, "Npcap Users' Guide", installer options.
#pragma once

#include <string>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

struct NpcapInstaller {
  std::string path;
  std::string sha256;  // 64 hexadecimal digits, in any case
  Nanoseconds time_max = std::chrono::minutes(5);
};

// What an exit code of the installer means.
struct InstallerOutcome {
  bool success = false;
  bool needs_restart = false;
  std::string text;  // for a person
};

// 0 and 3010 are success, the latter after a restart of Windows; 1, 2 and 350 have words of their own.
[[nodiscard]] InstallerOutcome npcap_installer_outcome(unsigned long exit_code);

// Checks the file's SHA-256, runs it with /S and waits, ends it and all that it started at the time limit, and loads
// the library afterwards: the installer is known to report success with its work half done. The file can be neither
// written nor replaced between the check and the end.
//
// Returns what is installed now, for the log, and whether Windows must be restarted for it. Errors: installer_failed
// when the file is not the one that was named, cannot be run, does not end in time or not well, or leaves no library
// that works; usage for a hash that is none, and on every system but Windows.
[[nodiscard]] Result<std::string> install_npcap(const NpcapInstaller& installer);

// The same, but leaves an Npcap that works as it is, so that doing it twice is the same as once.
[[nodiscard]] Result<std::string> install_npcap_if_needed(const NpcapInstaller& installer);

}  // namespace understudy
