// `understudy-agent check`: gives the doctor what the options say, and prints what it found.
#include <fmt/format.h>

#include "agent/agent.hpp"
#include "agent/check/check.hpp"
#include "agent/engines.hpp"

namespace understudy {}
