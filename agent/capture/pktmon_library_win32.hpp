// Windows' Pktmonapi.dll, bound at run time. Windows only.
//
// Source: learn.microsoft.com/windows/win32/pktmon. There is no header and no import library for it; types and
// functions are those of its pages, the lengths of names as programs that use it have them
// (PacketMonitorEnumDataSources has the rest): 64 characters of a name make a constraint 216 bytes long.
#pragma once

#include <windows.h>
#include <winsock2.h>

#include <memory>
#include <string>

#include "traffic/base/error.hpp"

namespace understudy {

struct PktmonStreamData {  // PACKETMONITOR_STREAM_DATA_DESCRIPTOR
  const void* data;
  UINT32 data_size;
  UINT32 metadata_offset;
  UINT32 packet_offset;
  UINT32 packet_length;
  UINT32 missed_packet_write_count;
  UINT32 missed_packet_read_count;
};
static_assert(sizeof(PktmonStreamData) == 32);

enum class PktmonStreamEvent : int { started, stopped, fatal_error, process_info };

struct PktmonStreamConfiguration {  // PACKETMONITOR_REALTIME_STREAM_CONFIGURATION
  void* user_context;
  void(CALLBACK* on_event)(void* context, const void* info, PktmonStreamEvent kind);
  void(CALLBACK* on_data)(void* context, const PktmonStreamData* data);
  UINT16 buffer_size_multiplier;  // of 256 KiB, 1 to 10
  UINT16 truncation_size;         // at most 9000
};
static_assert(sizeof(PktmonStreamConfiguration) == 32);

struct PktmonConstraint {  // PACKETMONITOR_PROTOCOL_CONSTRAINT
  static constexpr UINT32 transport_protocol_present = 1U << 5;

  WCHAR name[64];
  UINT32 is_present;
  UCHAR mac1[6];
  UCHAR mac2[6];
  USHORT vlan_id;
  USHORT ether_type;
  USHORT dscp;
  UCHAR transport_protocol;
  alignas(8) UCHAR ip1[16];
  alignas(8) UCHAR ip2[16];
  UCHAR prefix_length1;
  UCHAR prefix_length2;
  USHORT port1;
  USHORT port2;
  UCHAR tcp_flags;
  UINT32 encapsulation_type;
  USHORT vxlan_port;
  UINT64 packets;
  UINT64 bytes;
};
static_assert(sizeof(PktmonConstraint) == 216);

// Named as in the library, without PacketMonitor.
struct PktmonFunctions {
  HRESULT(WINAPI* initialize)(UINT32 version, void* reserved, void** handle) = nullptr;
  void(WINAPI* uninitialize)(void* handle) = nullptr;
  HRESULT(WINAPI* create_live_session)(void* handle, const WCHAR* name, void** session) = nullptr;
  void(WINAPI* close_session_handle)(void* session) = nullptr;
  HRESULT(WINAPI* add_capture_constraint)(void* session, const PktmonConstraint* constraint) = nullptr;
  HRESULT(WINAPI* create_realtime_stream)
  (void* handle, const PktmonStreamConfiguration* configuration, void** stream) = nullptr;
  void(WINAPI* close_realtime_stream)(void* stream) = nullptr;
  HRESULT(WINAPI* attach_output_to_session)(void* session, void* output) = nullptr;
  HRESULT(WINAPI* set_session_active)(void* session, BOOLEAN active) = nullptr;
};

// Thread safety: immutable after load().
class PktmonLibrary {
 public:
  // From the system folder. Errors: capture_library when it is missing (before Windows Server 2022) or too old.
  [[nodiscard]] static Result<std::shared_ptr<const PktmonLibrary>> load();
  ~PktmonLibrary() { ::FreeLibrary(module_); }
  PktmonLibrary(const PktmonLibrary&) = delete;
  PktmonLibrary& operator=(const PktmonLibrary&) = delete;

  [[nodiscard]] const PktmonFunctions& functions() const { return functions_; }

 private:
  explicit PktmonLibrary(HMODULE module) : module_(module) {}

  const HMODULE module_;
  PktmonFunctions functions_;
};

// The Packet Monitor itself: PacketMonitorInitialize and its end.
class PktmonMonitor {
 public:
  // Errors: permission without administrator rights, engine_missing.
  [[nodiscard]] static Result<std::unique_ptr<PktmonMonitor>> open(std::shared_ptr<const PktmonLibrary> library);
  ~PktmonMonitor() { library_->functions().uninitialize(handle_); }
  PktmonMonitor(const PktmonMonitor&) = delete;
  PktmonMonitor& operator=(const PktmonMonitor&) = delete;

  [[nodiscard]] const PktmonFunctions& functions() const { return library_->functions(); }
  [[nodiscard]] void* handle() const { return handle_; }

 private:
  PktmonMonitor(std::shared_ptr<const PktmonLibrary> library, void* handle)
      : library_(std::move(library)), handle_(handle) {}

  const std::shared_ptr<const PktmonLibrary> library_;
  void* const handle_;
};

// For a function that failed: permission where the result says so, else engine_missing.
[[nodiscard]] tl::unexpected<Error> pktmon_failed(const char* function, HRESULT result);

}  // namespace understudy
