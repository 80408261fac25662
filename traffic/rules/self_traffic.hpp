// Recognises mirrored requests, so that a shadow on the same host, or agents in a chain, never make a loop.
//
// Each forwarded request carries `Understudy-Mirrored: <instance id>`. A captured request that carries the header, with
// whatever value, was mirrored already, by this agent or another, and is filtered as self_traffic.
#pragma once

#include <string>
#include <string_view>

#include "traffic/http/message.hpp"

namespace understudy {

inline constexpr std::string_view mirrored_header = "Understudy-Mirrored";

// Sixteen random hexadecimal digits that name this run of the agent, in the marker and in the status.
[[nodiscard]] std::string make_instance_id();

// Whether the request was mirrored already. One pass over the field names' lengths.
[[nodiscard]] bool is_own(const HttpMessage& request);

}  // namespace understudy
