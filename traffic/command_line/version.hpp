// Which build this is.
#pragma once

#include <string>

namespace understudy {

struct BuildVersion {
  std::string version;    // semantic version; "0.1.0-dev+<commit>" for a build without a tag
  std::string commit;     // abbreviated, with "-dirty" when the tree had changes; "unknown" outside a checkout
  std::string timestamp;  // of the commit, RFC 3339 in UTC, so that two builds of one commit are the same
};

[[nodiscard]] const BuildVersion& build_version();

// "understudy-agent 0.1.0-dev+abc1234 (commit abc1234, 2026-01-31T12:00:00+00:00)"
[[nodiscard]] std::string version_text(const std::string& program);

}  // namespace understudy
