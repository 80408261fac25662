// Text between this program and Windows' own functions. Windows only.
//
// Inside the program text is bytes in the process's code page. The programs' manifest makes that UTF-8 from Windows 10
// 1903 and Windows Server 2022 on; on older systems it is the system's own, in which arguments and the environment
// arrive, so that paths in it work there as well.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace understudy {

// For the functions that end in W. Bytes that are no text become U+FFFD.
[[nodiscard]] std::wstring to_wide(std::string_view text);
[[nodiscard]] std::string to_narrow(std::wstring_view text);

// The same for paths, whose own conversions are those of the C library's locale, which knows ASCII.
[[nodiscard]] std::string text_of(const std::filesystem::path& path);
[[nodiscard]] std::filesystem::path path_of(std::string_view text);

}  // namespace understudy
