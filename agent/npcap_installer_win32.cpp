#include <windows.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>

#include "agent/capture/npcap_engine_win32.hpp"
#include "agent/npcap_installer.hpp"
#include "traffic/base/system_error.hpp"
#include "traffic/base/windows_text.hpp"
#include "traffic/recording/sha256.hpp"

namespace understudy {
namespace {

constexpr std::size_t installer_bytes_max = std::size_t{64} << 20;  // Npcap's has less than 2 MiB
constexpr std::size_t sha256_digits = 64;
constexpr DWORD end_wait_ms = 5000;

struct CloseHandleLater {
  void operator()(void* handle) const { ::CloseHandle(handle); }
};
using Handle = std::unique_ptr<void, CloseHandleLater>;

tl::unexpected<Error> failed(const NpcapInstaller& installer, const std::string& what) {
  return fail(ExitCode::installer_failed, fmt::format("the Npcap installer '{}': {}", installer.path, what));
}

tl::unexpected<Error> system_failed(const NpcapInstaller& installer, const char* doing) {
  return failed(installer, fmt::format("{}: {}", doing, SystemError::last().text()));
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

bool is_sha256(const std::string& text) {
  return text.size() == sha256_digits &&
         std::all_of(text.begin(), text.end(), [](unsigned char letter) { return std::isxdigit(letter) != 0; });
}

Result<std::string> digest_of(const NpcapInstaller& installer, HANDLE file) {
  std::string content;
  std::array<char, 65536> piece{};
  for (;;) {
    DWORD got = 0;
    if (::ReadFile(file, piece.data(), static_cast<DWORD>(piece.size()), &got, nullptr) == 0) {
      return system_failed(installer, "cannot be read");
    }
    if (got == 0) break;
    if (content.size() + got > installer_bytes_max) return failed(installer, "is too large to be one");
    content.append(piece.data(), got);
  }
  std::string digest;
  const std::array<std::string_view, 1> pieces{content};
  Sha256().append_hex(digest, pieces);
  return digest;
}

// A job ends all processes in it when its last handle is closed.
Result<Handle> make_job(const NpcapInstaller& installer) {
  Handle job(::CreateJobObjectW(nullptr, nullptr));
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  if (job == nullptr ||
      ::SetInformationJobObject(job.get(), JobObjectExtendedLimitInformation, &limits, sizeof limits) == 0) {
    return system_failed(installer, "cannot make a job object to run it in");
  }
  return job;
}

Result<DWORD> run(const NpcapInstaller& installer) {
  Result<Handle> job = make_job(installer);
  if (!job) return tl::unexpected(std::move(job.error()));
  const std::wstring path = to_wide(installer.path);
  std::wstring command = L"\"" + path + L"\" /S";
  STARTUPINFOW startup{};
  startup.cb = sizeof startup;
  PROCESS_INFORMATION process{};
  if (::CreateProcessW(path.c_str(), command.data(), nullptr, nullptr, FALSE, CREATE_SUSPENDED | CREATE_NO_WINDOW,
                       nullptr, nullptr, &startup, &process) == 0) {
    return system_failed(installer, "cannot be started");
  }
  const Handle running(process.hProcess);
  const Handle thread(process.hThread);
  if (::AssignProcessToJobObject(job->get(), running.get()) == 0) {
    const auto error = system_failed(installer, "cannot be bounded by a job object");
    ::TerminateProcess(running.get(), 1);
    return error;
  }
  ::ResumeThread(thread.get());
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(installer.time_max).count();
  if (::WaitForSingleObject(running.get(), static_cast<DWORD>(milliseconds)) != WAIT_OBJECT_0) {
    ::TerminateJobObject(job->get(), 1);
    ::WaitForSingleObject(running.get(), end_wait_ms);
    return failed(installer, fmt::format("did not end within {} ms, and was ended; is it the OEM edition? The free one "
                                         "asks questions in a window",
                                         milliseconds));
  }
  DWORD code = 0;
  if (::GetExitCodeProcess(running.get(), &code) == 0) return system_failed(installer, "its exit code is not told");
  return code;
}

}  // namespace

Result<std::string> install_npcap(const NpcapInstaller& installer) {
  if (!is_sha256(installer.sha256)) {
    return fail(ExitCode::usage, "the SHA-256 of the Npcap installer must have 64 hexadecimal digits");
  }
  // Shared for reading only: as long as it is open, nobody writes to the file or puts another one in its place.
  const HANDLE opened = ::CreateFileW(to_wide(installer.path).c_str(), GENERIC_READ, FILE_SHARE_READ, nullptr,
                                      OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (opened == INVALID_HANDLE_VALUE) return system_failed(installer, "cannot be opened");
  const Handle file(opened);
  const Result<std::string> digest = digest_of(installer, file.get());
  if (!digest) return tl::unexpected(digest.error());
  if (*digest != lower_case(installer.sha256)) {
    return failed(installer, fmt::format("has the SHA-256 {}, not the one that was given; it was not run", *digest));
  }
  const Result<DWORD> code = run(installer);
  if (!code) return tl::unexpected(code.error());
  const InstallerOutcome outcome = npcap_installer_outcome(*code);
  if (!outcome.success) return failed(installer, outcome.text);
  const Result<std::string> library = probe_npcap();
  if (library) return fmt::format("Npcap was {}: {}", outcome.text, *library);
  if (outcome.needs_restart) return fmt::format("Npcap was {}", outcome.text);
  return failed(installer, fmt::format("reported success, but left nothing that works: {}", library.error().message));
}

Result<std::string> install_npcap_if_needed(const NpcapInstaller& installer) {
  const Result<std::string> present = probe_npcap();
  return present ? fmt::format("Npcap was there already: {}", *present) : install_npcap(installer);
}

}  // namespace understudy
