// The flags of the rules, which both programs have.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "traffic/rules/rule_options.hpp"

namespace understudy {

// Which requests pass, and how they are edited. The variables outlive the command.
void define_rule_flags(CLI::App& command, RuleOptions& rules, std::string& redact_key_file);

}  // namespace understudy
