#include "traffic/command_line/completion.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace understudy {
namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& program) {
  return program.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });  // not hidden
}

std::string flags_of(const CLI::App& command) {
  std::string flags;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_lnames().empty()) continue;
    flags += (flags.empty() ? "--" : " --") + option->get_lnames().front();
  }
  return flags;
}

// Flags whose value is a file; shells complete these by name.
bool takes_file(const CLI::Option& option) { return option.get_type_name() == "FILE"; }

std::string bash_script(const CLI::App& program) {
  std::string names, cases, files;
  for (const CLI::App* command : commands_of(program)) {
    names += (names.empty() ? "" : " ") + command->get_name();
    cases += fmt::format("    {}) words=\"{}\" ;;\n", command->get_name(), flags_of(*command));
    for (const CLI::Option* option : command->get_options()) {
      const std::string flag = "--" + option->get_single_name();
      if (takes_file(*option) && files.find(flag) == std::string::npos) files += (files.empty() ? "" : "|") + flag;
    }
  }
  std::string function = program.get_name();  // both programs' scripts may be loaded in one shell
  std::replace(function.begin(), function.end(), '-', '_');
  return fmt::format(
      "_{1}() {{\n"
      "  local word=\"${{COMP_WORDS[COMP_CWORD]}}\" before=\"${{COMP_WORDS[COMP_CWORD-1]}}\" words=\"{2}\"\n"
      "  case \"${{COMP_WORDS[1]}}\" in\n{3}  esac\n"
      "  ((COMP_CWORD > 1)) || words=\"{2}\"\n"
      "  case \"$before\" in {4}) COMPREPLY=($(compgen -f -- \"$word\")); return ;; esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
      "}}\ncomplete -o filenames -F _{1} {0}\n",
      program.get_name(), function, names, cases, files);
}

// zsh reads bash's completions through its own compatibility layer.
std::string zsh_script(const CLI::App& program) {
  return fmt::format("#compdef {}\nautoload -U +X bashcompinit && bashcompinit\n{}", program.get_name(),
                     bash_script(program));
}

std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_script(const CLI::App& program) {
  const std::string& name = program.get_name();
  std::string out;
  for (const CLI::App* command : commands_of(program)) {
    out += fmt::format("complete -c {} -n __fish_use_subcommand -f -a {} -d {}\n", name, command->get_name(),
                       fish_quoted(command->get_description()));
    for (const CLI::Option* option : command->get_options()) {
      if (option->get_lnames().empty()) continue;
      const char* value = takes_file(*option) ? " -r -F" : option->get_items_expected_max() > 0 ? " -x" : " -f";
      out +=
          fmt::format("complete -c {} -n '__fish_seen_subcommand_from {}' -l {}{} -d {}\n", name, command->get_name(),
                      option->get_lnames().front(), value, fish_quoted(option->get_description()));
    }
  }
  return out;
}

}  // namespace

Result<std::string> completion_script(const CLI::App& program, const std::string& shell) {
  if (shell == "bash") return bash_script(program);
  if (shell == "zsh") return zsh_script(program);
  if (shell == "fish") return fish_script(program);
  return fail(ExitCode::usage,
              fmt::format("There is no completion for the shell '{}'. There is bash, zsh and fish.", shell));
}

}  // namespace understudy
