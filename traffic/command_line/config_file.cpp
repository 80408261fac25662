#include "traffic/command_line/config_file.hpp"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

namespace understudy {
namespace {

std::string at_line(const std::string& path, const toml::source_region& source) {
  return fmt::format("{}:{}", path, source.begin.line);
}

// The text that a flag would have been given for this value; nothing for a table, a date or a nested array.
std::optional<std::string> flag_text(const toml::node& value) {
  if (const auto* text = value.as_string()) return text->get();
  if (const auto* number = value.as_integer()) return std::to_string(number->get());
  if (const auto* number = value.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* boolean = value.as_boolean()) return boolean->get() ? "true" : "false";
  return std::nullopt;
}

Result<void> apply_value(const std::string& where, const std::string& key, const toml::node& value,
                         CLI::Option& option) {
  std::vector<std::string> texts;
  if (const toml::array* array = value.as_array()) {
    for (const toml::node& element : *array) {
      auto text = flag_text(element);
      if (!text)
        return fail(ExitCode::configuration,
                    fmt::format("{}: '{}' holds something that is no plain value", where, key));
      texts.push_back(std::move(*text));
    }
  } else if (auto text = flag_text(value)) {
    texts.push_back(std::move(*text));
  } else {
    return fail(ExitCode::configuration,
                fmt::format("{}: '{}' must be a string, a number, true or false, or an array of these", where, key));
  }
  if (option.count() > 0) return {};  // a flag or the environment said it
  for (const std::string& text : texts) option.add_result(text);
  try {
    if (!texts.empty()) option.run_callback();
  } catch (const CLI::Error& error) {
    return fail(ExitCode::configuration, fmt::format("{}: '{}': {}", where, key, error.what()));
  }
  return {};
}

bool is_configurable(const CLI::Option& option) {
  const std::string name = option.get_single_name();
  return name != "help" && name != "config" && name != "print-config";
}

bool belongs_to(const std::string& name, std::span<const CLI::App* const> siblings) {
  return std::ranges::any_of(siblings, [&](const CLI::App* sibling) {
    const CLI::Option* option = sibling->get_option_no_throw("--" + name);
    return option != nullptr && is_configurable(*option);
  });
}

Result<void> apply_table(const std::string& path, const toml::table& table, CLI::App& command,
                         std::span<const std::string_view> sections, std::span<const CLI::App* const> siblings) {
  for (const auto& [key, value] : table) {
    const std::string name(key.str());
    if (const toml::table* section = value.as_table(); section != nullptr && std::ranges::count(sections, name) > 0) {
      if (auto applied = apply_table(path, *section, command, {}, siblings); !applied) return applied;
      continue;
    }
    CLI::Option* option = command.get_option_no_throw("--" + name);
    const std::string where = at_line(path, key.source());
    if (option == nullptr && belongs_to(name, siblings)) continue;
    if (option == nullptr || !is_configurable(*option)) {
      return fail(ExitCode::configuration,
                  fmt::format("{}: unknown key '{}'. Keys are the flags of '{} {} --help' without the dashes in front.",
                              where, name, command.get_parent()->get_name(), command.get_name()));
    }
    if (auto applied = apply_value(where, name, value, *option); !applied) return applied;
  }
  return {};
}

}  // namespace

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

Result<void> apply_config_file(const std::string& path, CLI::App& command, std::span<const std::string_view> sections,
                               std::span<const CLI::App* const> siblings) {
  std::ifstream file(path);
  if (!file) {
    return fail(ExitCode::configuration, fmt::format("Cannot open the configuration file '{}': {}. Check --config.",
                                                     path, std::generic_category().message(errno)));
  }
  toml::table table;
  try {
    table = toml::parse(file, path);
  } catch (const toml::parse_error& error) {
    return fail(ExitCode::configuration, fmt::format("{}: {}", at_line(path, error.source()), error.description()));
  }
  return apply_table(path, table, command, sections, siblings);
}

std::string print_config(const CLI::App& command) {
  std::string out;
  for (const CLI::Option* option : command.get_options()) {
    if (!is_configurable(*option)) continue;
    std::vector<std::string> values = option->count() > 0 ? option->results() : std::vector<std::string>{};
    if (values.empty() && !option->get_default_str().empty()) values = {option->get_default_str()};
    if (values.empty()) continue;
    std::string list;
    for (const std::string& value : values) list += (list.empty() ? "" : ", ") + toml_text(without_password(value));
    if (values.size() > 1) list = "[" + list + "]";
    out += fmt::format("{} = {}\n", option->get_single_name(), list);
  }
  return out;
}

std::string without_password(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string(url);
  const std::size_t authority = scheme + 3;
  const std::size_t end = std::min(url.find_first_of("/?#", authority), url.size());
  const std::size_t at = url.substr(0, end).rfind('@');
  if (at == std::string_view::npos || at < authority) return std::string(url);
  const std::size_t colon = url.find(':', authority);
  if (colon == std::string_view::npos || colon > at) return std::string(url);
  return std::string(url.substr(0, colon + 1)) + "***" + std::string(url.substr(at));
}

}  // namespace understudy
