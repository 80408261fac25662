// From the text that a user gave to options that can be worked with.
#pragma once

#include "agent/option_definitions.hpp"
#include "agent/options.hpp"

namespace understudy {

// Parses and checks every value. The error names the flag, the value and the form it should have. Reads the
// environment's proxy variables and the files that hold secrets; touches nothing else.
[[nodiscard]] Result<AgentOptions> validate(const RawOptions& raw, Command command);

}  // namespace understudy
