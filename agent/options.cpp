#include "agent/options.hpp"

#include <CLI/CLI.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "agent/option_definitions.hpp"
#include "agent/option_validation.hpp"
#include "agent/service_options.hpp"
#include "traffic/command_line/config_file.hpp"
#include "traffic/command_line/standard_commands.hpp"

namespace understudy {
namespace {

// Tables of the configuration file that group keys for the reader's sake.
constexpr std::string_view sections[] = {"capture", "shadow", "rules", "recording", "http",
                                         "safety",  "status", "check", "service"};

constexpr const char* run_footer = R"(Examples:
  understudy-agent run --port 8080                                     watch: count requests, show rates
  understudy-agent run --port 8080 --to https://shadow.example.com     mirror
  understudy-agent run --port 8080,8081 --interface eth0 --to http://shadow/base --proxy http://user:pass@proxy:3128 --sample 10%
  understudy-agent run --port 8080 --record /var/lib/understudy/%Y%m%d-%H%M.take --record-rotate 1h,1GiB,total=20GiB
  understudy-agent run --read capture.pcapng --port 80 --record out.jsonl

Each flag is also an environment variable (--max-body is UNDERSTUDY_MAX_BODY) and a key of the --config file.
SIGTERM drains and ends; SIGHUP reads the configuration file again: rules and shadows change, no packet is lost.
Exit codes: docs/exit-codes.md.)";

constexpr const char* check_footer = R"(Examples:
  understudy-agent check --port 8080
  understudy-agent check --port 8080 --to https://shadow.example.com --proxy http://proxy:3128

The exit code is 0 only if a mirror would work. With --self-test: only if a request that this host sends to the service is
seen, by the agent that runs here or by a capture of the check's own.)";

// The program with its commands. Built for each parse, since CLI11 keeps results inside.
struct CommandLine {
  CLI::App app{"Replicates a live service's HTTP requests to a shadow.", "understudy-agent"};
  RawOptions run_raw;
  RawOptions check_raw;  // of its own: CLI11 gives the environment's values to every command's options
  RawServiceOptions service_raw;
  CLI::App* run = nullptr;
  CLI::App* check = nullptr;
  CLI::App* service = nullptr;
  std::optional<StandardCommands> standard;

  CommandLine() {
    run = app.add_subcommand("run", "Capture and mirror, record, or only watch");
    run->footer(run_footer);
    define_run_options(*run, run_raw);
    check = app.add_subcommand("check", "The doctor: says why nothing is captured, or what cannot be reached");
    check->footer(check_footer);
    define_check_options(*check, check_raw);
    service = app.add_subcommand("service", "The agent as a service: install it, start it, ask for its state");
    define_service_options(*service, service_raw);
    standard.emplace(app);
  }
};

Result<ParsedCommandLine> parsed_service(CommandLine& line) {
  const CLI::App* siblings[] = {line.run, line.check, line.service};
  if (auto applied = apply_service_files(*line.service, line.service_raw, sections, siblings); !applied) {
    return tl::unexpected(applied.error());
  }
  if (line.service_raw.print_config) return ParsedCommandLine{.text = print_config(*line.service)};
  auto options = validate_service(line.service_raw);
  if (!options) return tl::unexpected(options.error());
  return ParsedCommandLine{.service = std::move(*options)};
}

Result<ParsedCommandLine> parsed_command(CommandLine& line) {
  if (line.service->parsed()) return parsed_service(line);
  const bool is_run = line.run->parsed();
  CLI::App& command = is_run ? *line.run : *line.check;
  const RawOptions& raw = is_run ? line.run_raw : line.check_raw;
  if (!raw.config.empty()) {
    const CLI::App* siblings[] = {line.run, line.check, line.service};
    if (auto applied = apply_config_file(raw.config, command, sections, siblings); !applied)
      return tl::unexpected(applied.error());
  }
  if (raw.print_config) return ParsedCommandLine{.text = print_config(command)};
  auto options = validate(raw, is_run ? Command::run : Command::check);
  if (!options) return tl::unexpected(options.error());
  return ParsedCommandLine{.options = std::move(*options)};
}

}  // namespace

Result<std::string> edit_service_config(const std::string& text, const std::vector<ConfigSetting>& settings,
                                        const std::string& path) {
  return edit_config(text, settings, sections, path);
}

Result<ParsedCommandLine> parse_command_line(const std::vector<std::string>& arguments) {
  CommandLine line;
  auto text = line.standard->parse(arguments);
  if (!text) return tl::unexpected(text.error());
  if (*text) return ParsedCommandLine{.text = std::move(**text)};
  return parsed_command(line);
}

}  // namespace understudy
