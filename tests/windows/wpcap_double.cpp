// A wpcap.dll that plays a capture file as if it came from a driver. For tests of the Npcap engine under Wine, whose
// own wpcap.dll cannot show what real Npcap does: loopback's link type NULL, time-outs, drop counters, errors, old
// versions.
//
// What it does is in environment variables, so that one library serves every test:
//   WPCAP_DOUBLE_FILE        a pcap file (little endian, microseconds, Ethernet) whose packets are delivered, with the
//                            present time for theirs
//   WPCAP_DOUBLE_LINK        ethernet, null-host (NULL in this host's byte order) or null-swapped
//   WPCAP_DOUBLE_IDLE_READS  before each 50th packet so many reads find nothing
//   WPCAP_DOUBLE_BREAK_AT    the handle breaks after so many packets, and the device is gone for two attempts to open
//   it WPCAP_DOUBLE_DROPS       what pcap_stats tells of drops, in the driver; one more in the interface
//   WPCAP_DOUBLE_REFUSE      devices (there are none), permission or activation
//
// Like Npcap it reads a device only when it is activated; unlike Npcap it also holds the caller to what the engine
// promises: non-blocking, and with a filter set.
//
// Built in three editions: whole; WPCAP_DOUBLE_MINIMAL without the functions that may be absent; WPCAP_DOUBLE_OLD
// without pcap_create, as WinPcap was.
#include <windows.h>

#include <pcap.h>

#include <chrono>
#include <cstring>
#include <string>
#include <vector>

#include "tests/windows/played_capture.hpp"

#define EXPORTED extern "C" __declspec(dllexport)

namespace {

using understudy::double_number;
using understudy::double_setting;

constexpr bpf_u_int32 bsd_af_inet6 = 24;
constexpr const char* device_name = "\\Device\\NPF_Loopback";

// What a driver keeps between handles: a device that is opened again goes on where it was.
struct Device {
  understudy::PlayedCapture capture{double_setting("WPCAP_DOUBLE_FILE")};
  unsigned long delivered = 0;
  bool has_broken = false;
  int attempts_refused = 0;
};

Device& device() {
  static Device only;
  return only;
}

}  // namespace

// libpcap's own type, which its users never look into.
struct pcap {
  std::string error;
  bool active = false;
  bool non_blocking = false;
  bool has_filter = false;
  unsigned long idle_reads = 0;  // in a row
  std::vector<u_char> packet;
  pcap_pkthdr header{};
};

namespace {

int link_type() {
  return double_setting("WPCAP_DOUBLE_LINK") == "ethernet" || double_setting("WPCAP_DOUBLE_LINK").empty() ? DLT_EN10MB
                                                                                                          : DLT_NULL;
}

// The address family in the four bytes in front of an IP packet, as Npcap writes it: Windows' AF_INET, but BSD's 24 for
// IPv6 (gencode.c of libpcap).
void put_null_header(std::vector<u_char>& packet, bool is_v6) {
  bpf_u_int32 family = is_v6 ? bsd_af_inet6 : AF_INET;
  if (double_setting("WPCAP_DOUBLE_LINK") == "null-swapped") family = _byteswap_ulong(family);
  std::vector<u_char> header(sizeof family);
  std::memcpy(header.data(), &family, sizeof family);
  packet.erase(packet.begin(), packet.begin() + understudy::PlayedCapture::ethernet_header);
  packet.insert(packet.begin(), header.begin(), header.end());
}

// The next packet of the file, into the handle; false at its end.
bool take_packet(pcap& handle) {
  if (!device().capture.next(handle.packet)) return false;
  if (link_type() == DLT_NULL) put_null_header(handle.packet, handle.packet[12] == 0x86);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now);
  handle.header.ts.tv_sec = static_cast<long>(seconds.count());
  handle.header.ts.tv_usec =
      static_cast<long>(std::chrono::duration_cast<std::chrono::microseconds>(now - seconds).count());
  handle.header.caplen = handle.header.len = static_cast<bpf_u_int32>(handle.packet.size());
  ++device().delivered;
  return true;
}

int refused(pcap& handle, const char* why, int status) {
  handle.error = why;
  return status;
}

}  // namespace

EXPORTED const char* pcap_lib_version() { return "Npcap version 1.79 (test double)"; }

EXPORTED int pcap_findalldevs(pcap_if_t** devices, char* error) {
  error[0] = '\0';
  static char name[] = "\\Device\\NPF_Loopback";
  static char description[] = "Adapter for loopback traffic capture";
  static pcap_if_t only{nullptr, name, description, nullptr, PCAP_IF_LOOPBACK | PCAP_IF_UP | PCAP_IF_RUNNING};
  *devices = double_setting("WPCAP_DOUBLE_REFUSE") == "devices" ? nullptr : &only;
  return 0;
}

EXPORTED void pcap_freealldevs(pcap_if_t*) {}

#ifndef WPCAP_DOUBLE_OLD
EXPORTED pcap_t* pcap_create(const char* name, char* error) {
  error[0] = '\0';
  if (std::strcmp(name, device_name) == 0) return new pcap;
  std::strcpy(error, "The filename, directory name, or volume label syntax is incorrect");
  return nullptr;
}
#endif

EXPORTED int pcap_activate(pcap_t* handle) {
  const std::string how = double_setting("WPCAP_DOUBLE_REFUSE");
  if (how == "permission") return refused(*handle, "Access is denied", PCAP_ERROR_PERM_DENIED);
  if (how == "activation") return refused(*handle, "", PCAP_ERROR_RFMON_NOTSUP);
  if (device().has_broken && device().attempts_refused < 2) {
    ++device().attempts_refused;
    return refused(*handle, "A device attached to the system is not functioning", PCAP_ERROR_NO_SUCH_DEVICE);
  }
  handle->active = true;
  return 0;
}

EXPORTED void pcap_close(pcap_t* handle) { delete handle; }
EXPORTED int pcap_set_snaplen(pcap_t*, int) { return 0; }
EXPORTED int pcap_set_promisc(pcap_t*, int) { return 0; }
EXPORTED int pcap_set_timeout(pcap_t*, int) { return 0; }
EXPORTED int pcap_datalink(pcap_t*) { return link_type(); }
EXPORTED char* pcap_geterr(pcap_t* handle) { return handle->error.data(); }

EXPORTED int pcap_setnonblock(pcap_t* handle, int on, char* error) {
  error[0] = '\0';
  handle->non_blocking = on != 0;
  return 0;
}

EXPORTED int pcap_setfilter(pcap_t* handle, bpf_program* program) {
  handle->has_filter = program->bf_len > 1 && program->bf_insns != nullptr;
  return 0;
}

EXPORTED int pcap_next_ex(pcap_t* handle, pcap_pkthdr** header, const u_char** data) {
  if (!handle->active || !handle->non_blocking || !handle->has_filter) {
    return refused(*handle, "it is read before it is activated, made non-blocking and given a filter", PCAP_ERROR);
  }
  const unsigned long break_at = double_number("WPCAP_DOUBLE_BREAK_AT");
  if (break_at > 0 && device().delivered >= break_at && !device().has_broken) {
    device().has_broken = true;
    return refused(*handle, "The interface disappeared", PCAP_ERROR);
  }
  constexpr unsigned long packets_between = 50;
  if (device().delivered % packets_between == 0 && handle->idle_reads < double_number("WPCAP_DOUBLE_IDLE_READS")) {
    ++handle->idle_reads;
    return 0;
  }
  handle->idle_reads = 0;
  if (!take_packet(*handle)) return 0;
  *header = &handle->header;
  *data = handle->packet.data();
  return 1;
}

#ifndef WPCAP_DOUBLE_MINIMAL
EXPORTED int pcap_set_buffer_size(pcap_t*, int) { return 0; }
EXPORTED int pcap_set_immediate_mode(pcap_t*, int) { return 0; }

EXPORTED int pcap_stats(pcap_t*, pcap_stat* counts) {
  *counts = {};
  counts->ps_recv = device().delivered;
  // As a driver that counted before the handle was opened: the engine tells the difference.
  counts->ps_drop = device().delivered == 0 ? 4294967290U : 4294967290U + double_number("WPCAP_DOUBLE_DROPS");
  counts->ps_ifdrop = device().delivered == 0 ? 0 : 1;
  return 0;
}

EXPORTED const char* pcap_statustostr(int) { return "a status in words"; }
#endif
