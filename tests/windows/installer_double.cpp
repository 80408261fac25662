// An installer that does what it is told by environment variables, for tests of how an Npcap installer is run:
//   INSTALLER_DOUBLE_LIBRARY  a file that it copies to System32\Npcap\wpcap.dll
//   INSTALLER_DOUBLE_HANG     anything: it starts itself again and both wait, as at a question in a window
//   INSTALLER_DOUBLE_CODE     its exit code
//   INSTALLER_DOUBLE_MARK     a file that it makes, to show that it ran
// Without /S as its only argument it ends with 98.
#include <windows.h>

#include <cstdlib>
#include <string>

namespace {

constexpr DWORD hang_ms = 50'000;

std::string setting(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void start_again() {
  char own[MAX_PATH];
  ::GetModuleFileNameA(nullptr, own, MAX_PATH);
  std::string command = std::string("\"") + own + "\" /child";
  STARTUPINFOA startup{};
  startup.cb = sizeof startup;
  PROCESS_INFORMATION child{};
  if (::CreateProcessA(own, command.data(), nullptr, nullptr, FALSE, 0, nullptr, nullptr, &startup, &child) == 0) {
    std::exit(97);
  }
}

}  // namespace

int main(int count, char** words) {
  const std::string mark = setting("INSTALLER_DOUBLE_MARK");
  const std::string word = count == 2 ? words[1] : "";
  if (word == "/child") {
    ::Sleep(hang_ms);
    return 0;
  }
  if (word != "/S") return 98;
  if (!mark.empty()) ::CloseHandle(::CreateFileA(mark.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_ALWAYS, 0, nullptr));
  if (!setting("INSTALLER_DOUBLE_HANG").empty()) {
    start_again();
    ::Sleep(hang_ms);
  }
  if (const std::string library = setting("INSTALLER_DOUBLE_LIBRARY"); !library.empty()) {
    ::CreateDirectoryA("C:\\windows\\system32\\Npcap", nullptr);
    if (::CopyFileA(library.c_str(), "C:\\windows\\system32\\Npcap\\wpcap.dll", FALSE) == 0) return 96;
  }
  return std::atoi(setting("INSTALLER_DOUBLE_CODE").c_str());
}
