// The flags of the middleware, which both programs have.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "traffic/command_line/middleware_settings.hpp"
#include "traffic/command_line/validation.hpp"

namespace understudy {

// As they were given.
struct RawMiddleware {
  std::string command;
  bool responses = false;
  std::string fail = "open";
};

// `raw` outlives the command.
void define_middleware_flags(CLI::App& command, RawMiddleware& raw);
void validate_middleware(const RawMiddleware& raw, MiddlewareSettings& settings, Validation& check);

}  // namespace understudy
