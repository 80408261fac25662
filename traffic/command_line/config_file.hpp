// The TOML configuration file: its keys are the flags of a command, without the dashes in front.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/error.hpp"

namespace understudy {

// Gives the options of `command` the file's values, where neither a flag nor the environment gave one. A string, number
// or boolean is one value; an array is a repeated flag. `sections` are the names of tables that only group keys. An
// unknown key, another table, or a value of the wrong kind is an error (ExitCode::configuration) that names the file
// and the line. A key that belongs to one of `siblings`, commands that are configured by the same file, is left alone.
[[nodiscard]] Result<void> apply_config_file(const std::string& path, CLI::App& command,
                                             std::span<const std::string_view> sections,
                                             std::span<const CLI::App* const> siblings = {});

// One key with its values, each as the text that a flag takes; a switch has "true" or "false".
struct ConfigSetting {
  std::string name;
  std::vector<std::string> values;  // at least one
};

// The options of `command` that a flag or the environment gave, leaving those of `without` out.
[[nodiscard]] std::vector<ConfigSetting> given_settings(const CLI::App& command,
                                                        std::span<const std::string_view> without);

// `text`, the contents of such a file, with these keys set: a key that is there, at the top or in one of `sections`,
// has its lines replaced; others are added before the first table. Everything else, comments included, stays as it is.
// Errors: ExitCode::configuration when `text` is no TOML, or a section is an inline table; `path` is for the message.
[[nodiscard]] Result<std::string> edit_config(const std::string& text, std::span<const ConfigSetting> settings,
                                              std::span<const std::string_view> sections, const std::string& path);

// The effective configuration in the form that apply_config_file reads: every option with a value, secrets replaced.
[[nodiscard]] std::string print_config(const CLI::App& command);

// `text` as a basic string of TOML 1.0, with its quotes.
[[nodiscard]] std::string toml_text(std::string_view text);

// A URL without the password in it, for printing: "http://user:***@host". Other text is returned as it is.
[[nodiscard]] std::string without_password(std::string_view url);

}  // namespace understudy
