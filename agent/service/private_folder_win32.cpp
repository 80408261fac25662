#include <windows.h>

#include <aclapi.h>
#include <fmt/format.h>
#include <sddl.h>

#include <memory>
#include <vector>

#include "agent/service/private_folder.hpp"
#include "agent/service/windows_places.hpp"
#include "traffic/base/system_error.hpp"
#include "traffic/base/windows_text.hpp"

namespace understudy {
namespace {

struct LocalMemory {
  void operator()(void* memory) const { ::LocalFree(memory); }
};
using Descriptor = std::unique_ptr<void, LocalMemory>;

// Owned by administrators; protected from inheritance; full access for the system and administrators, below as well.
constexpr const wchar_t* rights = L"O:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";

tl::unexpected<Error> failed(const char* what, const std::filesystem::path& folder, const SystemError& error) {
  return fail(
      error.is_permission() ? ExitCode::permission : ExitCode::service_failed,
      fmt::format("Cannot {} the folder {}: {}. Run this as administrator.", what, text_of(folder), error.text()));
}

bool is_user_of_this_process(PSID owner) {
  HANDLE token = nullptr;
  if (::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &token) == 0) return false;
  DWORD size = 0;
  ::GetTokenInformation(token, TokenUser, nullptr, 0, &size);
  std::vector<std::uint64_t> room(size / sizeof(std::uint64_t) + 1);  // aligned for the structure
  const BOOL got = ::GetTokenInformation(token, TokenUser, room.data(), size, &size);
  ::CloseHandle(token);
  return got != 0 && ::EqualSid(owner, reinterpret_cast<const TOKEN_USER*>(room.data())->User.Sid) != 0;
}

Result<void> check_owner(const std::filesystem::path& folder) {
  PSID owner = nullptr;
  void* descriptor = nullptr;
  const DWORD status = ::GetNamedSecurityInfoW(folder.c_str(), SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION, &owner,
                                               nullptr, nullptr, nullptr, &descriptor);
  const Descriptor kept(descriptor);
  if (status != ERROR_SUCCESS) return failed("look at", folder, {static_cast<int>(status)});
  if (::IsWellKnownSid(owner, WinBuiltinAdministratorsSid) != 0 || ::IsWellKnownSid(owner, WinLocalSystemSid) != 0 ||
      is_user_of_this_process(owner)) {
    return {};
  }
  return fail(ExitCode::permission,
              fmt::format("The folder {} was made by somebody who is no administrator. Look at what it holds, remove "
                          "it, and install again.",
                          text_of(folder)));
}

}  // namespace

Result<void> make_private_folder(const std::filesystem::path& folder) {
  void* made = nullptr;
  if (::ConvertStringSecurityDescriptorToSecurityDescriptorW(rights, SDDL_REVISION_1, &made, nullptr) == 0) {
    return failed("describe the rights of", folder, SystemError::last());
  }
  const Descriptor descriptor(made);
  SECURITY_ATTRIBUTES attributes{sizeof(SECURITY_ATTRIBUTES), descriptor.get(), FALSE};
  if (::CreateDirectoryW(folder.c_str(), &attributes) != 0) return {};
  if (const SystemError error = SystemError::last(); error.number != ERROR_ALREADY_EXISTS) {
    return failed("make", folder, error);
  }
  const DWORD kind = ::GetFileAttributesW(folder.c_str());
  if (kind == INVALID_FILE_ATTRIBUTES || (kind & FILE_ATTRIBUTE_DIRECTORY) == 0 ||
      (kind & FILE_ATTRIBUTE_REPARSE_POINT) != 0) {
    return fail(ExitCode::service_failed,
                fmt::format("{} is a link or no folder. Remove it and install again.", text_of(folder)));
  }
  if (auto owner = check_owner(folder); !owner) return owner;
  BOOL present = FALSE;
  BOOL defaulted = FALSE;
  PACL list = nullptr;
  ::GetSecurityDescriptorDacl(descriptor.get(), &present, &list, &defaulted);
  // Unlike SetFileSecurityW it gives the rights to what is in the folder as well.
  const DWORD status = ::SetNamedSecurityInfoW(const_cast<wchar_t*>(folder.c_str()), SE_FILE_OBJECT,
                                               DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION, nullptr,
                                               nullptr, list, nullptr);
  if (status != ERROR_SUCCESS) return failed("restrict", folder, {static_cast<int>(status)});
  return {};
}

}  // namespace understudy
