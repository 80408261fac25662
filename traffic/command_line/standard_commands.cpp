#include "traffic/command_line/standard_commands.hpp"

#include <fmt/format.h>

#include <utility>

#include "traffic/command_line/completion.hpp"
#include "traffic/command_line/manual.hpp"
#include "traffic/command_line/version.hpp"

namespace understudy {
namespace {

constexpr int help_column = 34;

}  // namespace

StandardCommands::StandardCommands(CLI::App& program) : program_(program) {
  program.set_version_flag("--version", version_text(program.get_name()));
  program.require_subcommand(1);
  program.get_formatter()->column_width(help_column);
  completion_ = program.add_subcommand("completion", "Print a completion script for bash, zsh or fish");
  completion_->add_option("shell", shell_, "bash, zsh or fish")->required()->type_name("SHELL");
  manual_ = program.add_subcommand("man", "Print the options as the build puts them into the manual page")->group("");
}

Result<std::optional<std::string>> StandardCommands::parse(const std::vector<std::string>& arguments) {
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // what CLI11 wants
  try {
    program_.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    const auto commands = program_.get_subcommands();
    return commands.empty() ? program_.help() : commands.front()->help();
  } catch (const CLI::CallForAllHelp&) {
    return program_.help("", CLI::AppFormatMode::All);
  } catch (const CLI::CallForVersion&) {
    return version_text(program_.get_name()) + "\n";
  } catch (const CLI::ParseError& error) {
    std::string help = "--help";
    for (const CLI::App* command : program_.get_subcommands()) help = command->get_name() + " --help";
    return fail(ExitCode::usage, fmt::format("{} (see '{} {}')", error.what(), program_.get_name(), help));
  }
  if (manual_->parsed()) return manual_options(program_);
  if (!completion_->parsed()) return std::nullopt;
  auto script = completion_script(program_, shell_);
  if (!script) return tl::unexpected(script.error());
  return std::move(*script);
}

}  // namespace understudy
