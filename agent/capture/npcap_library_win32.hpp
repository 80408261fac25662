// Npcap's wpcap.dll, bound at run time: without it this program starts all the same, and says what is missing. Windows
// only.
//
// No Npcap SDK is needed to build: libpcap's own header has the types of the functions. Source: npcap.com/guide, "Npcap
// API" and "DLL search path".
#pragma once

#include <pcap.h>

#include <memory>
#include <string>

#include "traffic/base/error.hpp"

namespace understudy {

// Named as in the library, without pcap_.
struct NpcapFunctions {
  decltype(&::pcap_findalldevs) findalldevs = nullptr;
  decltype(&::pcap_freealldevs) freealldevs = nullptr;
  decltype(&::pcap_create) create = nullptr;
  decltype(&::pcap_activate) activate = nullptr;
  decltype(&::pcap_close) close = nullptr;
  decltype(&::pcap_set_snaplen) set_snaplen = nullptr;
  decltype(&::pcap_set_promisc) set_promisc = nullptr;
  decltype(&::pcap_set_timeout) set_timeout = nullptr;
  decltype(&::pcap_setnonblock) setnonblock = nullptr;
  decltype(&::pcap_setfilter) setfilter = nullptr;
  decltype(&::pcap_datalink) datalink = nullptr;
  decltype(&::pcap_next_ex) next_ex = nullptr;
  decltype(&::pcap_geterr) geterr = nullptr;
  decltype(&::pcap_lib_version) lib_version = nullptr;
  // Those below may be null: some libraries lack them.
  decltype(&::pcap_set_buffer_size) set_buffer_size = nullptr;
  decltype(&::pcap_set_immediate_mode) set_immediate_mode = nullptr;
  decltype(&::pcap_stats) stats = nullptr;
  decltype(&::pcap_statustostr) statustostr = nullptr;
};

// Thread safety: immutable after load(); the functions are as safe as libpcap's.
class NpcapLibrary {
 public:
  // From System32\Npcap, else from the system folder (Npcap's WinPcap mode), and from nowhere else: a library of this
  // name beside the program or in the PATH is not taken. Errors: capture_library when it is missing, broken or too old.
  [[nodiscard]] static Result<std::shared_ptr<const NpcapLibrary>> load();
  ~NpcapLibrary();
  NpcapLibrary(const NpcapLibrary&) = delete;
  NpcapLibrary& operator=(const NpcapLibrary&) = delete;

  [[nodiscard]] const NpcapFunctions& functions() const { return functions_; }
  // "Npcap version 1.79, based on libpcap version 1.10.4 (C:\Windows\System32\Npcap\wpcap.dll)"
  [[nodiscard]] std::string description() const;

 private:
  NpcapLibrary(void* module, std::string path) : module_(module), path_(std::move(path)) {}

  void* const module_;  // HMODULE
  const std::string path_;
  NpcapFunctions functions_;
};

}  // namespace understudy
