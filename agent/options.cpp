#include "agent/options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string_view>

#include "agent/option_definitions.hpp"
#include "agent/option_validation.hpp"
#include "traffic/command_line/completion.hpp"
#include "traffic/command_line/config_file.hpp"
#include "traffic/command_line/manual.hpp"
#include "traffic/command_line/version.hpp"

namespace understudy {
namespace {

// Tables of the configuration file that group keys for the reader's sake.
constexpr std::string_view sections[] = {"capture", "shadow", "rules",  "recording",
                                         "http",    "safety", "status", "check"};

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

The exit code is 0 only if a mirror would work.)";

// The program with its commands. Built for each parse, since CLI11 keeps results inside.
struct CommandLine {
  CLI::App app{"Replicates a live service's HTTP requests to a shadow.", "understudy-agent"};
  RawOptions run_raw;
  RawOptions check_raw;  // of its own: CLI11 gives the environment's values to every command's options
  CLI::App* run = nullptr;
  CLI::App* check = nullptr;
  CLI::App* completion = nullptr;
  CLI::App* manual = nullptr;
  std::string shell;

  CommandLine() {
    app.set_version_flag("--version", version_text("understudy-agent"));
    app.require_subcommand(1);
    app.get_formatter()->column_width(34);
    run = app.add_subcommand("run", "Capture and mirror, record, or only watch");
    run->footer(run_footer);
    define_run_options(*run, run_raw);
    check = app.add_subcommand("check", "The doctor: says why nothing is captured, or what cannot be reached");
    check->footer(check_footer);
    define_check_options(*check, check_raw);
    completion = app.add_subcommand("completion", "Print a completion script for bash, zsh or fish");
    completion->add_option("shell", shell, "bash, zsh or fish")->required()->type_name("SHELL");
    manual = app.add_subcommand("man", "Print the options as the build puts them into the manual page")->group("");
  }
};

// One line, and where to find more.
Error usage_error(const CommandLine& line, const CLI::ParseError& error) {
  const CLI::App* command = line.run->parsed() ? line.run : line.check->parsed() ? line.check : nullptr;
  const std::string help = command != nullptr ? command->get_name() + " --help" : "--help";
  return {ExitCode::usage, fmt::format("{} (see 'understudy-agent {}')", error.what(), help)};
}

Result<ParsedCommandLine> parsed_command(CommandLine& line) {
  if (line.completion->parsed()) {
    auto script = completion_script(line.app, line.shell);
    if (!script) return tl::unexpected(script.error());
    return ParsedCommandLine{std::nullopt, *script};
  }
  if (line.manual->parsed()) return ParsedCommandLine{std::nullopt, manual_options(line.app)};
  const bool is_run = line.run->parsed();
  CLI::App& command = is_run ? *line.run : *line.check;
  const RawOptions& raw = is_run ? line.run_raw : line.check_raw;
  if (!raw.config.empty()) {
    if (auto applied = apply_config_file(raw.config, command, sections); !applied)
      return tl::unexpected(applied.error());
  }
  if (raw.print_config) return ParsedCommandLine{std::nullopt, print_config(command)};
  auto options = validate(raw, is_run ? Command::run : Command::check);
  if (!options) return tl::unexpected(options.error());
  return ParsedCommandLine{std::move(*options), {}};
}

}  // namespace

Result<ParsedCommandLine> parse_command_line(const std::vector<std::string>& arguments) {
  CommandLine line;
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // what CLI11 wants
  try {
    line.app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    const CLI::App* command = line.app.get_subcommands().empty() ? &line.app : line.app.get_subcommands().front();
    return ParsedCommandLine{std::nullopt, command->help()};
  } catch (const CLI::CallForAllHelp&) {
    return ParsedCommandLine{std::nullopt, line.app.help("", CLI::AppFormatMode::All)};
  } catch (const CLI::CallForVersion&) {
    return ParsedCommandLine{std::nullopt, version_text("understudy-agent") + "\n"};
  } catch (const CLI::ParseError& error) {
    return tl::unexpected(usage_error(line, error));
  }
  return parsed_command(line);
}

}  // namespace understudy
