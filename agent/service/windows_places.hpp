// Where the Windows service and its files are. Windows only.
#pragma once

#include <filesystem>

namespace understudy {

inline constexpr const wchar_t* windows_service_name = L"understudy-agent";
inline constexpr const wchar_t* windows_service_title = L"Understudy agent";

// %ProgramData%\Understudy: the configuration, and recordings with a relative path. Not made here.
[[nodiscard]] std::filesystem::path data_folder();
// Its folder of logs.
[[nodiscard]] std::filesystem::path logs_folder();
// Why the service's last run failed, as one line; not there when it did not.
[[nodiscard]] std::filesystem::path failure_file();
// %ProgramFiles%\Understudy\understudy-agent.exe: only administrators may replace it, as a service's program should be.
[[nodiscard]] std::filesystem::path installed_program();
// The program of this process.
[[nodiscard]] std::filesystem::path this_program();

}  // namespace understudy
