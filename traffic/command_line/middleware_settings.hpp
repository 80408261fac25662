// The middleware that a user asked for, as both programs use it.
#pragma once

#include <string>
#include <vector>

namespace understudy {

struct MiddlewareSettings {
  std::vector<std::string> command;  // the program and its arguments; empty: no middleware
  bool with_responses = false;
  bool fail_open = true;  // what could not be judged passes unchanged
};

}  // namespace understudy
