#include <windows.h>

#include <string>

#include "agent/service/event_log.hpp"
#include "agent/service/windows_places.hpp"
#include "traffic/base/system_error.hpp"
#include "traffic/base/windows_text.hpp"

namespace understudy {
namespace {

std::wstring source_key() {
  return std::wstring(L"SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\") + windows_service_name;
}

WORD type_of(EventId id) {
  switch (id) {
    case EventId::failed: return EVENTLOG_ERROR_TYPE;
    case EventId::limits: return EVENTLOG_WARNING_TYPE;
    default: return EVENTLOG_INFORMATION_TYPE;
  }
}

}  // namespace

Result<void> register_event_source() {
  constexpr wchar_t messages[] = L"%SystemRoot%\\System32\\EventCreate.exe";
  constexpr DWORD types = EVENTLOG_ERROR_TYPE | EVENTLOG_WARNING_TYPE | EVENTLOG_INFORMATION_TYPE;
  HKEY key = nullptr;
  LSTATUS status = ::RegCreateKeyExW(HKEY_LOCAL_MACHINE, source_key().c_str(), 0, nullptr, REG_OPTION_NON_VOLATILE,
                                     KEY_SET_VALUE, nullptr, &key, nullptr);
  if (status == ERROR_SUCCESS) {
    status = ::RegSetValueExW(key, L"EventMessageFile", 0, REG_EXPAND_SZ, reinterpret_cast<const BYTE*>(messages),
                              sizeof messages);
    const LSTATUS second =
        ::RegSetValueExW(key, L"TypesSupported", 0, REG_DWORD, reinterpret_cast<const BYTE*>(&types), sizeof types);
    if (status == ERROR_SUCCESS) status = second;
    ::RegCloseKey(key);
  }
  if (status == ERROR_SUCCESS) return {};
  const SystemError error{static_cast<int>(status)};
  return fail(
      error.is_permission() ? ExitCode::permission : ExitCode::service_failed,
      "Cannot register the source understudy-agent of the event log: " + error.text() + ". Run this as administrator.");
}

void remove_event_source() { ::RegDeleteKeyW(HKEY_LOCAL_MACHINE, source_key().c_str()); }

void write_event(EventId id, const std::string& text) {
  const HANDLE source = ::RegisterEventSourceW(nullptr, windows_service_name);
  if (source == nullptr) return;
  const std::wstring wide = to_wide(text);
  const wchar_t* strings[] = {wide.c_str()};
  ::ReportEventW(source, type_of(id), 0, static_cast<DWORD>(id), nullptr, 1, 0, strings, nullptr);
  ::DeregisterEventSource(source);
}

}  // namespace understudy
