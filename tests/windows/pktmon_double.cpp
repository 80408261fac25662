// A Pktmonapi.dll that plays a capture file, for tests of the Packet Monitor engine under Wine. Its types are those
// that the engine has of Microsoft's documentation, so it shows how the engine uses them, and not that they are right.
//
//   PKTMON_DOUBLE_FILE    a pcap file (little endian, Ethernet). Each packet is delivered as three components would
//                         report it: twice as Ethernet, and once as IP with a lower TTL
//   PKTMON_DOUBLE_MISSED  how many packets the driver has missed before the first
//   PKTMON_DOUBLE_REFUSE  initialize (access denied) or constraint
//   PKTMON_DOUBLE_END     anything: a fatal error ends the stream behind the last packet
#include <windows.h>
#include <winsock2.h>

#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include "agent/capture/pktmon_library_win32.hpp"
#include "tests/windows/played_capture.hpp"

#define EXPORTED extern "C" __declspec(dllexport)

namespace {

using understudy::double_number;
using understudy::double_setting;
using understudy::PktmonConstraint;
using understudy::PktmonStreamConfiguration;
using understudy::PktmonStreamData;
using understudy::PktmonStreamEvent;

constexpr std::size_t metadata_size = 40;
constexpr std::uint16_t type_ethernet = 1;
constexpr std::uint16_t type_ip = 3;
constexpr std::uint32_t drop_reason = 10;
constexpr UCHAR tcp = 6;

int api;
int session;
int stream;
PktmonStreamConfiguration configuration;
bool is_attached = false;
std::atomic<bool> is_active{false};
std::thread player;

void put(std::vector<std::uint8_t>& to, std::size_t at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

void deliver(const std::uint8_t* packet, std::size_t size, std::uint16_t type, std::uint32_t dropped, UINT32 missed) {
  FILETIME now;
  ::GetSystemTimeAsFileTime(&now);
  std::vector<std::uint8_t> buffer(metadata_size);
  put(buffer, 14, type, 2);
  put(buffer, 22, dropped, 4);
  put(buffer, 32, now.dwLowDateTime, 4);
  put(buffer, 36, now.dwHighDateTime, 4);
  buffer.insert(buffer.end(), packet, packet + size);
  PktmonStreamData data{
      buffer.data(), static_cast<UINT32>(buffer.size()), 0, metadata_size, static_cast<UINT32>(size), missed, 0};
  configuration.on_data(configuration.user_context, &data);
}

void play() {
  configuration.on_event(configuration.user_context, nullptr, PktmonStreamEvent::started);
  understudy::PlayedCapture capture(double_setting("PKTMON_DOUBLE_FILE"));
  auto missed = static_cast<UINT32>(double_number("PKTMON_DOUBLE_MISSED"));
  std::vector<std::uint8_t> frame;
  while (is_active && capture.next(frame)) {
    deliver(frame.data(), frame.size(), type_ethernet, 0, std::exchange(missed, 0));
    deliver(frame.data(), frame.size(), type_ethernet, 0, 0);
    constexpr std::size_t header = understudy::PlayedCapture::ethernet_header;
    const bool is_v4 = frame.size() > header + 20 && frame[header] >> 4 == 4;
    if (is_v4) --frame[header + 8];  // TTL
    deliver(frame.data() + header, frame.size() - header, type_ip, 0, 0);
    // What the stack dropped was never seen by the service, whatever it holds.
    if (is_v4) frame[header + 26] ^= 0x40;  // the sequence number
    deliver(frame.data(), frame.size(), type_ethernet, drop_reason, 0);
  }
  if (!double_setting("PKTMON_DOUBLE_END").empty()) {
    configuration.on_event(configuration.user_context, nullptr, PktmonStreamEvent::fatal_error);
  }
}

}  // namespace

EXPORTED HRESULT WINAPI PacketMonitorInitialize(UINT32 version, void* reserved, void** handle) {
  if (version != 0x00010000 || reserved != nullptr) return HRESULT_FROM_WIN32(ERROR_REVISION_MISMATCH);
  if (double_setting("PKTMON_DOUBLE_REFUSE") == "initialize") return HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED);
  *handle = &api;
  return S_OK;
}

EXPORTED void WINAPI PacketMonitorUninitialize(void*) {}

EXPORTED HRESULT WINAPI PacketMonitorCreateLiveSession(void* handle, const WCHAR* name, void** created) {
  if (handle != &api || name == nullptr || *name == 0) return E_INVALIDARG;
  *created = &session;
  return S_OK;
}

EXPORTED void WINAPI PacketMonitorCloseSessionHandle(void*) {}

EXPORTED HRESULT WINAPI PacketMonitorAddCaptureConstraint(void* to, const PktmonConstraint* constraint) {
  if (double_setting("PKTMON_DOUBLE_REFUSE") == "constraint") return E_NOTIMPL;
  const bool is_tcp =
      constraint->is_present == PktmonConstraint::transport_protocol_present && constraint->transport_protocol == tcp;
  return to == &session && is_tcp ? S_OK : E_INVALIDARG;
}

EXPORTED HRESULT WINAPI PacketMonitorCreateRealtimeStream(void* handle, const PktmonStreamConfiguration* wanted,
                                                          void** created) {
  if (handle != &api || wanted->buffer_size_multiplier > 10 || wanted->truncation_size > 9000) return E_INVALIDARG;
  configuration = *wanted;
  *created = &stream;
  return S_OK;
}

EXPORTED void WINAPI PacketMonitorCloseRealtimeStream(void*) {}

EXPORTED HRESULT WINAPI PacketMonitorAttachOutputToSession(void* to, void* output) {
  is_attached = to == &session && output == &stream;
  return is_attached ? S_OK : E_INVALIDARG;
}

EXPORTED HRESULT WINAPI PacketMonitorSetSessionActive(void* of, BOOLEAN active) {
  if (of != &session || !is_attached) return E_INVALIDARG;
  is_active = active != FALSE;
  if (is_active) {
    player = std::thread(play);
  } else if (player.joinable()) {
    player.join();
  }
  return S_OK;
}
