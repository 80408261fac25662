#include <windows.h>

#include "traffic/base/windows_text.hpp"

namespace understudy {

std::wstring to_wide(std::string_view text) {
  const int size = static_cast<int>(text.size());
  const int count = ::MultiByteToWideChar(CP_ACP, 0, text.data(), size, nullptr, 0);
  std::wstring wide(static_cast<std::size_t>(count), L'\0');
  ::MultiByteToWideChar(CP_ACP, 0, text.data(), size, wide.data(), count);
  return wide;
}

std::string to_narrow(std::wstring_view text) {
  const int size = static_cast<int>(text.size());
  const int count = ::WideCharToMultiByte(CP_ACP, 0, text.data(), size, nullptr, 0, nullptr, nullptr);
  std::string narrow(static_cast<std::size_t>(count), '\0');
  ::WideCharToMultiByte(CP_ACP, 0, text.data(), size, narrow.data(), count, nullptr, nullptr);
  return narrow;
}

std::string text_of(const std::filesystem::path& path) { return to_narrow(path.native()); }
std::filesystem::path path_of(std::string_view text) { return to_wide(text); }

}  // namespace understudy
