// The doctor's look at the way to one target.
#pragma once

#include <vector>

#include "agent/check/check.hpp"
#include "traffic/net/target_probe.hpp"

namespace understudy {

// Tries the way, and tells each step: name, connection, proxy (where there is one), tls (where there is), shadow.
// Blocks for up to the time-outs.
[[nodiscard]] std::vector<CheckItem> check_target(const CheckRequest& request, const CheckRequest::Route& route);

// What a probe means. `shown` is what the target's certificates say where they did not verify. Pure but for `now`,
// which tells how long certificates are still valid.
[[nodiscard]] std::vector<CheckItem> judge_probe(const ProbeReport& report, const CheckRequest::Route& route,
                                                 bool verified, const std::vector<CertificateInfo>& shown,
                                                 WallTime now);

}  // namespace understudy
