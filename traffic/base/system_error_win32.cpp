#include <windows.h>

#include <array>
#include <string_view>

#include "traffic/base/system_error.hpp"
#include "traffic/base/windows_text.hpp"

namespace understudy {
namespace {

// Names that the headers of mingw-w64 10 lack (winerror.h).
constexpr int elevation_required = 740;
constexpr int disk_quota_exceeded = 1295;

}  // namespace

SystemError SystemError::last() { return {static_cast<int>(::GetLastError())}; }

std::string SystemError::text() const {
  std::array<wchar_t, 512> buffer{};
  constexpr DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK;
  const DWORD length = ::FormatMessageW(flags, nullptr, static_cast<DWORD>(number), 0, buffer.data(),
                                        static_cast<DWORD>(buffer.size()), nullptr);
  std::wstring_view text(buffer.data(), length);
  while (!text.empty() && (text.back() == L' ' || text.back() == L'.')) text.remove_suffix(1);
  const std::string code = "error " + std::to_string(number);
  return text.empty() ? code : to_narrow(text) + " (" + code + ")";
}

bool SystemError::is_permission() const {
  return number == ERROR_ACCESS_DENIED || number == ERROR_PRIVILEGE_NOT_HELD || number == elevation_required ||
         number == WSAEACCES;
}

bool SystemError::is_address_in_use() const { return number == WSAEADDRINUSE; }

bool SystemError::is_disk_full() const {
  return number == ERROR_DISK_FULL || number == ERROR_HANDLE_DISK_FULL || number == ERROR_FILE_TOO_LARGE ||
         number == disk_quota_exceeded;
}

}  // namespace understudy
