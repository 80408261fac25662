#include <fmt/format.h>
#include <windows.h>

#include <array>
#include <cstddef>

#include "agent/safety/privileges.hpp"
#include "traffic/base/system_error.hpp"

namespace understudy {
namespace {

// Each of these lets its holder read, change or become anything on the host.
constexpr std::array dangerous_privileges = {
    SE_DEBUG_NAME,
    SE_BACKUP_NAME,
    SE_RESTORE_NAME,
    SE_TAKE_OWNERSHIP_NAME,
    SE_LOAD_DRIVER_NAME,
    SE_IMPERSONATE_NAME,
    SE_TCB_NAME,
    SE_CREATE_TOKEN_NAME,
    SE_ASSIGNPRIMARYTOKEN_NAME,
    SE_SECURITY_NAME,
    SE_MANAGE_VOLUME_NAME,
    SE_RELABEL_NAME,
    SE_TRUSTED_CREDMAN_ACCESS_NAME,
    SE_CREATE_PERMANENT_NAME,
};

class ProcessToken {
 public:
  explicit ProcessToken(DWORD access) {
    if (::OpenProcessToken(::GetCurrentProcess(), access, &handle_) == 0) handle_ = nullptr;
  }
  ~ProcessToken() {
    if (handle_ != nullptr) ::CloseHandle(handle_);
  }
  ProcessToken(const ProcessToken&) = delete;
  ProcessToken& operator=(const ProcessToken&) = delete;

  [[nodiscard]] HANDLE handle() const { return handle_; }

 private:
  HANDLE handle_ = nullptr;
};

enum class Removal : std::uint8_t { removed, not_held, refused };

Removal remove_privilege(HANDLE token, const char* name) {
  TOKEN_PRIVILEGES change{};
  change.PrivilegeCount = 1;
  change.Privileges[0].Attributes = SE_PRIVILEGE_REMOVED;
  if (::LookupPrivilegeValueA(nullptr, name, &change.Privileges[0].Luid) == 0) return Removal::not_held;
  if (::AdjustTokenPrivileges(token, FALSE, &change, 0, nullptr, nullptr) == 0) return Removal::refused;
  return ::GetLastError() == ERROR_NOT_ALL_ASSIGNED ? Removal::not_held : Removal::removed;
}

}  // namespace

std::string default_unprivileged_user() { return {}; }

Result<PrivilegeReport> drop_privileges(const PrivilegeRequest& request) {
  if (!request.user.empty()) {
    return fail(
        ExitCode::usage,
        fmt::format("cannot become the user '{}': on Windows a process keeps its account; leave --user out, and "
                    "give the service an account of its own",
                    request.user));
  }
  const ProcessToken token(TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY);
  unsigned removed = 0;
  for (const char* name : dangerous_privileges) {
    const Removal removal = token.handle() == nullptr ? Removal::refused : remove_privilege(token.handle(), name);
    if (removal == Removal::refused) {
      return fail(ExitCode::permission, fmt::format("cannot give up the privilege {}: {}; run the agent as a service "
                                                    "or as an administrator",
                                                    name, SystemError::last().text()));
    }
    removed += removal == Removal::removed ? 1 : 0;
  }
  return PrivilegeReport{false, has_capture_capability(), fmt::format("{} privileges removed", removed)};
}

bool has_capture_capability() {
  SID_IDENTIFIER_AUTHORITY authority = SECURITY_NT_AUTHORITY;
  PSID administrators = nullptr;
  if (::AllocateAndInitializeSid(&authority, 2, SECURITY_BUILTIN_DOMAIN_RID, DOMAIN_ALIAS_RID_ADMINS, 0, 0, 0, 0, 0, 0,
                                 &administrators) == 0) {
    return false;
  }
  // Of this thread's token as it is now: a group that user account control has disabled does not count.
  BOOL is_member = FALSE;
  const bool known = ::CheckTokenMembership(nullptr, administrators, &is_member) != 0;
  ::FreeSid(administrators);
  return known && is_member != FALSE;
}

}  // namespace understudy
