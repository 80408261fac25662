#include "agent/capture/pktmon_library_win32.hpp"

#include <fmt/format.h>

#include "traffic/base/system_error.hpp"

namespace understudy {
namespace {

constexpr UINT32 api_version = 0x00010000;  // PACKETMONITOR_API_VERSION_1_0
constexpr const WCHAR* library_name = L"Pktmonapi.dll";

template <typename Function>
bool find(HMODULE module, const char* name, Function& function) {
  function = reinterpret_cast<Function>(reinterpret_cast<void*>(::GetProcAddress(module, name)));
  return function != nullptr;
}

// The name of the first function that is missing; null when all are there.
const char* find_functions(HMODULE module, PktmonFunctions& functions) {
  if (!find(module, "PacketMonitorInitialize", functions.initialize)) return "PacketMonitorInitialize";
  if (!find(module, "PacketMonitorUninitialize", functions.uninitialize)) return "PacketMonitorUninitialize";
  if (!find(module, "PacketMonitorCreateLiveSession", functions.create_live_session))
    return "PacketMonitorCreateLiveSession";
  if (!find(module, "PacketMonitorCloseSessionHandle", functions.close_session_handle))
    return "PacketMonitorCloseSessionHandle";
  if (!find(module, "PacketMonitorAddCaptureConstraint", functions.add_capture_constraint))
    return "PacketMonitorAddCaptureConstraint";
  if (!find(module, "PacketMonitorCreateRealtimeStream", functions.create_realtime_stream))
    return "PacketMonitorCreateRealtimeStream";
  if (!find(module, "PacketMonitorCloseRealtimeStream", functions.close_realtime_stream))
    return "PacketMonitorCloseRealtimeStream";
  if (!find(module, "PacketMonitorAttachOutputToSession", functions.attach_output_to_session))
    return "PacketMonitorAttachOutputToSession";
  if (!find(module, "PacketMonitorSetSessionActive", functions.set_session_active))
    return "PacketMonitorSetSessionActive";
  return nullptr;
}

}  // namespace

Result<std::shared_ptr<const PktmonLibrary>> PktmonLibrary::load() {
  const HMODULE module = ::LoadLibraryExW(library_name, nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32);
  if (module == nullptr) {
    return fail(ExitCode::capture_library,
                fmt::format("this Windows has no Pktmonapi.dll ({}); Packet Monitor's packet stream is part of Windows "
                            "Server 2022 with updates, and later",
                            SystemError::last().text()));
  }
  std::shared_ptr<PktmonLibrary> library(new PktmonLibrary(module));
  if (const char* missing = find_functions(module, library->functions_); missing != nullptr) {
    return fail(ExitCode::capture_library,
                fmt::format("this Windows' Pktmonapi.dll is too old: it has no {}; update Windows", missing));
  }
  return library;
}

tl::unexpected<Error> pktmon_failed(const char* function, HRESULT result) {
  if (result == HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED)) {
    return fail(ExitCode::permission,
                fmt::format("Packet Monitor needs administrator rights ({} was denied); run as a service, or from a "
                            "console that was started as administrator",
                            function));
  }
  return fail(ExitCode::engine_missing, fmt::format("Packet Monitor cannot capture here: {} failed with {:#010x}",
                                                    function, static_cast<unsigned long>(result)));
}

Result<std::unique_ptr<PktmonMonitor>> PktmonMonitor::open(std::shared_ptr<const PktmonLibrary> library) {
  void* handle = nullptr;
  const HRESULT result = library->functions().initialize(api_version, nullptr, &handle);
  if (FAILED(result)) return pktmon_failed("PacketMonitorInitialize", result);
  return std::unique_ptr<PktmonMonitor>(new PktmonMonitor(std::move(library), handle));
}

}  // namespace understudy
