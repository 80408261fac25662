#include "replay/serve_command.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>

#include "replay/clone/bucket_clone.hpp"
#include "replay/serve/contract.hpp"
#include "replay/serve/environment_server.hpp"
#include "replay/serve/serve_settings.hpp"
#include "traffic/base/shutdown.hpp"
#include "traffic/command_line/option_group.hpp"
#include "traffic/command_line/validation.hpp"
#include "traffic/observe/log.hpp"

namespace understudy {
namespace {

constexpr const char* footer = R"(Examples:
  understudy-replay serve --config environment.toml
  understudy-replay serve --config environment.toml --address 127.0.0.1:0
  understudy-replay serve --print-openapi > environment.openapi.yaml

Ctrl-C ends it; clones that are not final go on when it is started again on the same state folder.
Exit codes: 0 ended as asked, 3 the configuration is wrong, 10 TLS, 12 the address is taken; docs/environment-server.md
has an example of the file.)";

struct RawServe {
  std::string config, address, log_format = "text", log_level = "info";
  bool check = false, print_openapi = false;
};

void define_serve(CLI::App& command, RawServe& raw) {
  OptionGroup group(command, "Environment server (docs/environment-server.md)");
  group.one("--config", raw.config, "FILE", "TOML file that says what is served");
  group.one("--address", raw.address, "ADDRESS", "Listen there instead: 127.0.0.1:9700; port 0 picks a free one");
  group.flag("--check", raw.check, "Read the configuration, say whether it can be used, and leave");
  group.flag("--print-openapi", raw.print_openapi, "Print the contract as an OpenAPI document, and leave");
  group.one("--log-format", raw.log_format, "text|json", "Logs as text, or one JSON object a line");
  group.one("--log-level", raw.log_level, "LEVEL", "debug, info, warning or error");
}

[[nodiscard]] Result<ExitCode> run_serve(const RawServe& raw, const LogOptions& log_options) {
  auto settings = read_serve_settings(raw.config);
  if (!settings) return tl::unexpected(settings.error());
  if (!raw.address.empty()) settings->address = raw.address;
  if (raw.check) {
    fmt::print("'{}' can be used: {} credentials, {} steps, {} tests\n", raw.config, settings->credentials.size(),
               settings->steps.size(), settings->tests.size());
    return ExitCode::ok;
  }
  if (auto logging = start_logging(log_options); !logging) return tl::unexpected(logging.error());
  auto signals = ControlSignals::install();
  if (!signals) return tl::unexpected(signals.error());
  const auto server = EnvironmentServer::start(std::move(*settings), bucket_clone());
  if (!server) return tl::unexpected(server.error());
  fmt::print("serving the environment on {}\n", (*server)->url());
  std::fflush(stdout);  // who waits for this line reads a pipe
  while (!(*signals)->stop_requested()) (void)(*signals)->wait(std::chrono::hours(1));
  return ExitCode::ok;
}

[[nodiscard]] Result<CommandAction> serve_action(const RawServe& raw) {
  if (raw.print_openapi) {
    return CommandAction([]() -> Result<ExitCode> {
      fmt::print("{}", environment_contract());
      return ExitCode::ok;
    });
  }
  LogOptions log_options;
  Validation check;
  check.require(!raw.config.empty(), "config", "is missing; docs/environment-server.md has an example of the file");
  check.read("log-format", raw.log_format, parse_log_format, log_options.format);
  check.read("log-level", raw.log_level, parse_log_level, log_options.level);
  if (check.error()) return tl::unexpected(*check.error());
  return CommandAction([raw, log_options] { return run_serve(raw, log_options); });
}

}  // namespace

struct ServeCommand::Flags {
  RawServe raw;
  CLI::App* command = nullptr;
};

ServeCommand::ServeCommand(CLI::App& app) : flags_(std::make_unique<Flags>()) {
  flags_->command = app.add_subcommand("serve", "Offer a test environment's endpoints: health, tests, clones");
  flags_->command->footer(footer);
  define_serve(*flags_->command, flags_->raw);
}

ServeCommand::~ServeCommand() = default;

std::optional<Result<CommandAction>> ServeCommand::action() const {
  if (!flags_->command->parsed()) return std::nullopt;
  return serve_action(flags_->raw);
}

}  // namespace understudy
