// The flags of commands that ask an environment, as text, and what they make.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "replay/environment/environment_client.hpp"
#include "traffic/base/error.hpp"
#include "traffic/command_line/connection_flags.hpp"

namespace understudy {

// Each field is a flag of the same name.
struct RawEnvironment : RawConnection {
  std::string url;
  std::vector<std::string> header;
  std::string response_timeout = "10s";
};

// `raw` outlives the command.
void define_environment(CLI::App& command, RawEnvironment& raw);

// The way to the environment. A path of the URL goes into `path`, which keeps its value where the URL has none.
// Errors name the flag.
[[nodiscard]] Result<HttpClientOptions> validate_environment(const RawEnvironment& raw, std::string& path);

}  // namespace understudy
