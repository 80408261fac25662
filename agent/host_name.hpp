// This host's name, for people and for the origin of recordings.
#pragma once

#include <string>

namespace understudy {

// As gethostname(2) tells it; empty where it does not.
[[nodiscard]] std::string host_name();

}  // namespace understudy
