#include <fmt/format.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

#include "agent/safety/privileges.hpp"

namespace understudy {
namespace {

constexpr std::uint64_t bit(int capability) { return std::uint64_t{1} << capability; }

// One bit a capability (capabilities(7)). The C library has no wrapper, and libcap is not worth a dependency.
struct CapabilitySets {
  std::uint64_t effective = 0;
  std::uint64_t permitted = 0;
  std::uint64_t inheritable = 0;
};

CapabilitySets read_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> words{};
  if (::syscall(SYS_capget, &header, words.data()) != 0) return {};
  const auto join = [](std::uint32_t low, std::uint32_t high) { return (std::uint64_t{high} << 32) | low; };
  return {join(words[0].effective, words[1].effective), join(words[0].permitted, words[1].permitted),
          join(words[0].inheritable, words[1].inheritable)};
}

bool write_capabilities(const CapabilitySets& sets) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> words{};
  const auto low = [](std::uint64_t set) { return static_cast<std::uint32_t>(set); };
  const auto high = [](std::uint64_t set) { return static_cast<std::uint32_t>(set >> 32); };
  words[0] = {low(sets.effective), low(sets.permitted), low(sets.inheritable)};
  words[1] = {high(sets.effective), high(sets.permitted), high(sets.inheritable)};
  return ::syscall(SYS_capset, &header, words.data()) == 0;
}

tl::unexpected<Error> refused(std::string_view what) {
  return fail(
      ExitCode::permission,
      fmt::format("cannot give up privileges: {}: {}; start the agent as an unprivileged user with CAP_NET_RAW, or "
                  "as root with CAP_SETUID, CAP_SETGID and CAP_SETPCAP",
                  what, std::generic_category().message(errno)));
}

struct Account {
  std::string name;
  uid_t user_id = 0;
  gid_t group_id = 0;
};

Result<Account> find_account(const std::string& name) {
  std::vector<char> buffer(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  const int error = ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) {
    return fail(ExitCode::usage, fmt::format("no user '{}' to become{}; name one that exists with --user", name,
                                             error == 0 ? "" : ": " + std::generic_category().message(error)));
  }
  return Account{name, entry.pw_uid, entry.pw_gid};
}

// Threads that a sanitizer's run time makes before main; the build says how many.
constexpr std::size_t runtime_threads = UNDERSTUDY_RUNTIME_THREADS;

bool is_single_threaded() {
  std::error_code error;
  std::size_t threads = 0;
  for (std::filesystem::directory_iterator task("/proc/self/task", error), end; !error && task != end;
       task.increment(error)) {
    ++threads;
  }
  return error || threads == 1 + runtime_threads;  // without /proc it cannot be told
}

// So that a program that is started later can gain nothing. Needs CAP_SETPCAP; without it no_new_privs has to do.
bool empty_bounding_set() {
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return false;
  }
  return true;
}

Result<void> become(const Account& account) {
  // The order matters: a process without root's user id may change neither its groups nor its group.
  if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return refused("keeping capabilities");
  if (::setgroups(0, nullptr) != 0) return refused("leaving the supplementary groups");
  if (::setresgid(account.group_id, account.group_id, account.group_id) != 0) return refused("changing the group");
  if (::setresuid(account.user_id, account.user_id, account.user_id) != 0) return refused("changing the user");
  if (::prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) != 0) return refused("no longer keeping capabilities");
  return {};
}

Result<void> verify_account(const Account& account) {
  uid_t user[3] = {};
  gid_t group[3] = {};
  ::getresuid(&user[0], &user[1], &user[2]);
  ::getresgid(&group[0], &group[1], &group[2]);
  bool same = ::getgroups(0, nullptr) == 0;
  for (int i = 0; i < 3; ++i) same = same && user[i] == account.user_id && group[i] == account.group_id;
  if (!same || ::setresuid(0, 0, 0) == 0) {
    errno = EPERM;
    return refused("the old user can still be had");
  }
  return {};
}

Result<void> verify_capabilities(std::uint64_t wanted) {
  const CapabilitySets sets = read_capabilities();
  const bool as_wanted = sets.effective == wanted && sets.permitted == wanted && sets.inheritable == 0;
  if (!as_wanted || ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) {
    errno = EPERM;
    return refused("capabilities are left");
  }
  return {};
}

}  // namespace

Result<PrivilegeReport> drop_privileges(const PrivilegeRequest& request) {
  if (!is_single_threaded()) {
    return fail(ExitCode::internal, "cannot give up privileges: a thread exists already and would keep them");
  }
  std::optional<Account> account;
  if (::geteuid() == 0 && !request.user.empty()) {
    const Result<Account> found = find_account(request.user);
    if (!found) return tl::unexpected(found.error());
    if (found->user_id != 0) account = *found;
  }
  const std::uint64_t wanted = request.keep_capture ? read_capabilities().permitted & bit(CAP_NET_RAW) : 0;
  if ((read_capabilities().effective & bit(CAP_SETPCAP)) != 0 && !empty_bounding_set()) {
    return refused("emptying the bounding set");
  }
  if (account) {
    if (const Result<void> became = become(*account); !became) return tl::unexpected(became.error());
  }
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);  // before Linux 4.3 there is none to clear
  if (!write_capabilities({wanted, wanted, 0})) return refused("giving up capabilities");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("setting no_new_privs");
  if (account) {
    if (const Result<void> verified = verify_account(*account); !verified) return tl::unexpected(verified.error());
  }
  if (const Result<void> verified = verify_capabilities(wanted); !verified) return tl::unexpected(verified.error());
  return PrivilegeReport{account.has_value(), wanted != 0,
                         fmt::format("user {}, group {}, {}", ::getuid(), ::getgid(),
                                     wanted != 0 ? "CAP_NET_RAW kept" : "no capability kept")};
}

std::string default_unprivileged_user() { return "nobody"; }

bool has_capture_capability() { return (read_capabilities().effective & bit(CAP_NET_RAW)) != 0; }

}  // namespace understudy
