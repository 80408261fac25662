// Which device of Npcap belongs to which network adapter. Windows only.
#pragma once

#include <string>
#include <vector>

#include "agent/capture/interfaces.hpp"
#include "agent/capture/npcap_library_win32.hpp"

namespace understudy {

// The adapters that the library can capture from, under the names that Windows shows, with `device` as the library
// calls them. A device that belongs to no adapter has its description for a name. Errors: capture_library when the
// library lists no device at all (its driver is not there or does not run), engine_missing.
[[nodiscard]] Result<std::vector<Interface>> list_npcap_devices(const NpcapLibrary& library);

}  // namespace understudy
