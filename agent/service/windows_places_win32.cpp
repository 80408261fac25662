#include <windows.h>

#include <knownfolders.h>
#include <objbase.h>
#include <shlobj.h>

#include <vector>

#include "agent/service/service.hpp"
#include "agent/service/windows_places.hpp"
#include "traffic/base/windows_text.hpp"

namespace understudy {
namespace {

std::filesystem::path known_folder(const KNOWNFOLDERID& id, const wchar_t* fallback) {
  wchar_t* found = nullptr;
  std::filesystem::path path = fallback;
  if (SUCCEEDED(::SHGetKnownFolderPath(id, 0, nullptr, &found))) path = found;
  ::CoTaskMemFree(found);
  return path;
}

}  // namespace

std::filesystem::path data_folder() { return known_folder(FOLDERID_ProgramData, L"C:\\ProgramData") / L"Understudy"; }
std::filesystem::path logs_folder() { return data_folder() / L"logs"; }
std::filesystem::path failure_file() { return logs_folder() / L"failure.txt"; }
std::filesystem::path installed_program() {
  return known_folder(FOLDERID_ProgramFiles, L"C:\\Program Files") / L"Understudy" / L"understudy-agent.exe";
}

std::filesystem::path this_program() {
  std::vector<wchar_t> path(32'768);  // the longest there is
  const DWORD length = ::GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size()));
  return std::filesystem::path(path.data(), path.data() + length);
}

std::string default_config_path() { return text_of(data_folder() / L"agent.toml"); }

}  // namespace understudy
