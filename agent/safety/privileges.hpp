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
// What it means for the caller: files opened later (configuration on SIGHUP, logs after rotation, client keys) are
// opened as the new user. Open recordings and load keys before.
#pragma once

#include <sys/types.h>

#include <string>

#include "traffic/base/error.hpp"

namespace understudy {

struct PrivilegeRequest {
  std::string user = "nobody";  // whom to become when started as root; empty: stay the same user
  bool keep_capture = true;     // keep CAP_NET_RAW
};

// What the process is now; for the log.
struct PrivilegeReport {
  uid_t user_id = 0;
  gid_t group_id = 0;
  bool user_changed = false;
  bool kept_capture = false;  // CAP_NET_RAW is still there
};

// REQUIRES: no other thread exists yet, since the kernel keeps capabilities for each thread. A process that is not root
// keeps its user and gives up capabilities only. Verifies the result: the old user cannot be had again, and the sets
// hold what they should. Errors: ExitCode::usage when there is no such user, ExitCode::internal when a thread exists
// already, ExitCode::permission when the kernel refuses; the process must end then.
[[nodiscard]] Result<PrivilegeReport> drop_privileges(const PrivilegeRequest& request);

// "user 65534, group 65534, CAP_NET_RAW kept".
[[nodiscard]] std::string to_string(const PrivilegeReport& report);

// Whether this thread may open packet sockets now: CAP_NET_RAW is effective.
[[nodiscard]] bool has_capture_capability();

}  // namespace understudy
