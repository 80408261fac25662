// Which proxy a target is reached through: an explicit one, or the one that the environment names.
//
// Without an explicit proxy: https_proxy or HTTPS_PROXY for https targets, http_proxy or HTTP_PROXY for http ones, else
// all_proxy or ALL_PROXY. The lower-case name wins, as with curl. An empty variable is no proxy.
//
// NO_PROXY or no_proxy is a list with commas or spaces: "*" (everything), a host name ("example.com" and ".example.com"
// both match it and every name below it), an IP address, a range ("10.0.0.0/8"), each with an optional ":port". It
// applies to the environment's proxy only: an explicit proxy is always used.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "traffic/base/error.hpp"
#include "traffic/base/process_environment.hpp"
#include "traffic/net/target.hpp"

namespace understudy {

// `explicit_url` is the option's value: a URL, "direct" for no proxy whatever the environment says, or "" to follow the
// environment. Empty result: connect directly. Errors are ExitCode::target_invalid and say which variable was wrong.
[[nodiscard]] Result<std::optional<TargetUrl>> choose_proxy(const TargetUrl& target, std::string_view explicit_url,
                                                            const EnvironmentReader& environment);

// Whether a NO_PROXY list covers the target.
[[nodiscard]] bool is_excluded_from_proxy(const TargetUrl& target, std::string_view no_proxy);

}  // namespace understudy
