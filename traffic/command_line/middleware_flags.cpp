#include "traffic/command_line/middleware_flags.hpp"

#include "traffic/base/shell_words.hpp"
#include "traffic/command_line/option_group.hpp"

namespace understudy {

void define_middleware_flags(CLI::App& command, RawMiddleware& raw) {
  OptionGroup group(command, "Middleware (docs/middleware.md)");
  group.one(
      "--middleware", raw.command, "COMMAND",
      "Pass requests through this program, by GoReplay's protocol: 'python3 edit.py --all'; no shell is involved");
  group.flag("--middleware-responses", raw.responses, "Show it the responses as well");
  group.one("--middleware-fail", raw.fail, "open|closed",
            "What it could not judge is sent unchanged (open), or dropped and counted (closed)");
}

void validate_middleware(const RawMiddleware& raw, MiddlewareSettings& settings, Validation& check) {
  check.read("middleware", raw.command, split_shell_words, settings.command);
  check.require(raw.command.empty() || !settings.command.empty(), "middleware", "is blank; name a program");
  check.require(settings.command.empty() || !settings.command.front().empty(), "middleware",
                "begins with an empty word; name a program");
  settings.with_responses = raw.responses;
  settings.fail_open = raw.fail == "open";
  check.require(settings.fail_open || raw.fail == "closed", "middleware-fail", "is 'open' or 'closed'");
  const bool is_default = !raw.responses && settings.fail_open;
  check.require(!raw.command.empty() || is_default, "middleware", "is missing, and options for it are given");
}

}  // namespace understudy
