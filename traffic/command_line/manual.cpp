#include "traffic/command_line/manual.hpp"

#include <fmt/format.h>

#include <map>
#include <string_view>
#include <vector>

namespace understudy {
namespace {

// Text that means itself in roff (groff_char(7)): no escapes, no hyphens where a dash of ASCII is meant, no line that a
// leading dot or apostrophe turns into a request.
std::string roff(std::string_view text) {
  std::string out = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
  for (const char c : text) {
    switch (c) {
      case '\\': out += "\\e"; break;
      case '-': out += "\\-"; break;
      case '\'': out += "\\(aq"; break;
      case '^': out += "\\(ha"; break;
      case '~': out += "\\(ti"; break;
      case '`': out += "\\(ga"; break;
      default: out += c;
    }
  }
  return out;
}

std::string bold(std::string_view text) { return "\\fB" + roff(text) + "\\fR"; }

bool is_flag(const CLI::Option& option) { return option.get_items_expected_max() == 0; }

std::string entry(const CLI::Option& option) {
  std::string out = ".TP\n" + bold("--" + option.get_single_name());
  if (!is_flag(option)) out += fmt::format(" \\fI{}\\fR", roff(option.get_type_name()));
  out += fmt::format("\n{}.\n", roff(option.get_description()));
  if (!is_flag(option) && !option.get_default_str().empty()) {
    out += fmt::format("Default: {}.\n", roff(option.get_default_str()));
  }
  return out;
}

// Flag and help of what has been described, with the command that did.
using Described = std::map<std::string, std::string>;

std::string command_section(const CLI::App& command, Described& described) {
  std::string out = fmt::format(".SS {}\n{}.\n", roff(command.get_name()), roff(command.get_description()));
  std::map<std::string, std::string> referred;  // other command -> flags
  for (const std::string& group : command.get_groups()) {
    std::string entries;
    for (const CLI::Option* option : command.get_options()) {
      if (option->get_group() != group || group.empty() || option->get_lnames().empty()) continue;
      if (option->get_single_name() == "help") continue;
      const std::string key = option->get_single_name() + '\n' + option->get_description();
      if (const auto [known, is_new] = described.try_emplace(key, command.get_name()); is_new) {
        entries += entry(*option);
      } else {
        std::string& flags = referred[known->second];
        flags += (flags.empty() ? "" : ",\n") + bold("--" + option->get_single_name());
      }
    }
    if (!entries.empty()) out += fmt::format(".PP\n{}\n{}", bold(group), entries);
  }
  for (const auto& [other, flags] : referred) {
    out += fmt::format(".PP\nWith the same meaning as for {}:\n{}.\n", bold(other), flags);
  }
  return out;
}

}  // namespace

std::string manual_options(const CLI::App& program) {
  std::string out;
  Described described;
  for (const CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; })) {
    const bool is_hidden = command->get_group().empty();
    if (!is_hidden) out += command_section(*command, described);
  }
  return out;
}

}  // namespace understudy
