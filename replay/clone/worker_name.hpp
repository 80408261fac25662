// What a process that shares clones is called, in their documents.
#pragma once

#include <string>

namespace understudy {

// "host:1234:9f3a6c01": the machine, the process, and a random number; another one at each call.
[[nodiscard]] std::string worker_name();

}  // namespace understudy
