// From the text that a user gave to options that can be worked with.
#pragma once

#include "replay/option_definitions.hpp"
#include "replay/options.hpp"

namespace understudy {

// Parses and checks every value. The error names the flag, the value and the form it should have. Reads the
// environment's proxy variables and the files that hold secrets; touches nothing else.
[[nodiscard]] Result<ReplayOptions> validate(const RawReplayOptions& raw, ReplayCommand command);

}  // namespace understudy
