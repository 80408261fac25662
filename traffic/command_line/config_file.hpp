// The TOML configuration file: its keys are the flags of a command, without the dashes in front.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <string_view>

#include "traffic/base/error.hpp"

namespace understudy {

// Gives the options of `command` the file's values, where neither a flag nor the environment gave one. A string, number
// or boolean is one value; an array is a repeated flag. `sections` are the names of tables that only group keys. An
// unknown key, another table, or a value of the wrong kind is an error (ExitCode::configuration) that names the file
// and the line.
[[nodiscard]] Result<void> apply_config_file(const std::string& path, CLI::App& command,
                                             std::span<const std::string_view> sections);

// The effective configuration in the form that apply_config_file reads: every option with a value, secrets replaced.
[[nodiscard]] std::string print_config(const CLI::App& command);

// A URL without the password in it, for printing: "http://user:***@host". Other text is returned as it is.
[[nodiscard]] std::string without_password(std::string_view url);

}  // namespace understudy
