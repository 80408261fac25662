#include "agent/capture/npcap_library_win32.hpp"

#include <windows.h>

#include <fmt/format.h>

#include "traffic/base/system_error.hpp"
#include "traffic/base/windows_text.hpp"

namespace understudy {
namespace {

constexpr std::string_view advice =
    "install Npcap 1.10 or later (npcap.com), or capture without it: --engine auto takes what Windows brings along";

std::wstring system_folder() {
  std::wstring folder(MAX_PATH, L'\0');
  folder.resize(::GetSystemDirectoryW(folder.data(), MAX_PATH));
  return folder;
}

bool exists(const std::wstring& path) { return ::GetFileAttributesW(path.c_str()) != INVALID_FILE_ATTRIBUTES; }

template <typename Function>
bool find(HMODULE module, const char* name, Function& function) {
  // The one way from FARPROC to a function of another type that no compiler warns of.
  function = reinterpret_cast<Function>(reinterpret_cast<void*>(::GetProcAddress(module, name)));
  return function != nullptr;
}

// The name of the first function that must be there and is not; null when all are.
const char* find_functions(HMODULE module, NpcapFunctions& functions) {
  if (!find(module, "pcap_findalldevs", functions.findalldevs)) return "pcap_findalldevs";
  if (!find(module, "pcap_freealldevs", functions.freealldevs)) return "pcap_freealldevs";
  if (!find(module, "pcap_create", functions.create)) return "pcap_create";
  if (!find(module, "pcap_activate", functions.activate)) return "pcap_activate";
  if (!find(module, "pcap_close", functions.close)) return "pcap_close";
  if (!find(module, "pcap_set_snaplen", functions.set_snaplen)) return "pcap_set_snaplen";
  if (!find(module, "pcap_set_promisc", functions.set_promisc)) return "pcap_set_promisc";
  if (!find(module, "pcap_set_timeout", functions.set_timeout)) return "pcap_set_timeout";
  if (!find(module, "pcap_setnonblock", functions.setnonblock)) return "pcap_setnonblock";
  if (!find(module, "pcap_setfilter", functions.setfilter)) return "pcap_setfilter";
  if (!find(module, "pcap_datalink", functions.datalink)) return "pcap_datalink";
  if (!find(module, "pcap_next_ex", functions.next_ex)) return "pcap_next_ex";
  if (!find(module, "pcap_geterr", functions.geterr)) return "pcap_geterr";
  if (!find(module, "pcap_lib_version", functions.lib_version)) return "pcap_lib_version";
  find(module, "pcap_set_buffer_size", functions.set_buffer_size);
  find(module, "pcap_set_immediate_mode", functions.set_immediate_mode);
  find(module, "pcap_stats", functions.stats);
  find(module, "pcap_statustostr", functions.statustostr);
  return nullptr;
}

}  // namespace

Result<std::shared_ptr<const NpcapLibrary>> NpcapLibrary::load() {
  const std::wstring folder = system_folder();
  const std::wstring own = folder + L"\\Npcap\\wpcap.dll";
  const std::wstring shared = folder + L"\\wpcap.dll";
  if (!exists(own) && !exists(shared)) {
    return fail(ExitCode::capture_library, fmt::format("Npcap is not installed: there is no {}, and no {}; {}",
                                                       to_narrow(own), to_narrow(shared), advice));
  }
  const std::wstring& path = exists(own) ? own : shared;
  // Its Packet.dll is beside it.
  const HMODULE module =
      ::LoadLibraryExW(path.c_str(), nullptr, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_SYSTEM32);
  if (module == nullptr) {
    const std::string why = SystemError::last().text();
    return fail(ExitCode::capture_library,
                fmt::format("Npcap's library {} cannot be loaded: {}; the installation is broken: {}", to_narrow(path),
                            why, advice));
  }
  std::shared_ptr<NpcapLibrary> library(new NpcapLibrary(module, to_narrow(path)));
  if (const char* missing = find_functions(module, library->functions_); missing != nullptr) {
    return fail(ExitCode::capture_library,
                fmt::format("the capture library {} is too old: it has no {}; {}", library->path_, missing, advice));
  }
  return library;
}

NpcapLibrary::~NpcapLibrary() { ::FreeLibrary(static_cast<HMODULE>(module_)); }

std::string NpcapLibrary::description() const { return fmt::format("{} ({})", functions_.lib_version(), path_); }

}  // namespace understudy
