// Gives up what the process no longer needs once the capture is open.
//
// Afterwards: an unprivileged user and group, no supplementary groups, no capability in any set (effective, permitted,
// inheritable, ambient) but CAP_NET_RAW, and no program that it starts can gain any: no_new_privs is set, and the
// bounding set is empty where the process was allowed to empty it (root is).
//
// CAP_NET_RAW is kept, effective and permitted, because an interface that goes down and comes up again needs a new
// packet socket, and mirroring must go on by itself then. What that leaves to somebody who takes the process over:
// reading and sending raw packets on this host's interfaces, which an open capture handle allows for the most part
// anyway. A caller that reads a file instead of the wire gives it up as well.
//
// On Windows a process keeps its account. What can be given up are the privileges of its token: those that let it take
// the host over (debugging others, reading and writing every file, loading drivers, acting as others) are removed for
// good, for this process and those that it starts. Administrator rights stay, since capturing needs them; a service
// gets an account of its own (agent/service).
//
// What it means for the caller: files opened later (configuration on SIGHUP, logs after rotation, client keys) are
// opened as the new user. Open recordings and load keys before.
#pragma once

#include <string>

#include "traffic/base/error.hpp"

namespace understudy {

// "nobody"; empty on Windows.
[[nodiscard]] std::string default_unprivileged_user();

struct PrivilegeRequest {
  std::string user = default_unprivileged_user();  // whom to become when started as root; empty: stay the same user
  bool keep_capture = true;                        // keep CAP_NET_RAW
};

// What the process is now; for the log.
struct PrivilegeReport {
  bool user_changed = false;
  bool kept_capture = false;  // capturing is still allowed
  std::string text;           // "user 65534, group 65534, CAP_NET_RAW kept"
};

// REQUIRES: no other thread exists yet, since the kernel keeps capabilities for each thread. A process that is not root
// keeps its user and gives up capabilities only. Verifies the result: the old user cannot be had again, and the sets
// hold what they should. Errors: ExitCode::usage when there is no such user, or on Windows any, ExitCode::internal when
// a thread exists already, ExitCode::permission when the kernel refuses; the process must end then.
[[nodiscard]] Result<PrivilegeReport> drop_privileges(const PrivilegeRequest& request);

// Whether this process may capture now: CAP_NET_RAW is effective; on Windows, it runs with administrator rights.
[[nodiscard]] bool has_capture_capability();

}  // namespace understudy
