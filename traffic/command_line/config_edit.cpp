// Changing the keys of a configuration file, and leaving everything else as its owner wrote it.
#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <limits>
#include <map>
#include <sstream>

#include "traffic/command_line/config_file.hpp"

namespace understudy {
namespace {

using Lines = std::vector<std::string>;

Lines split(const std::string& text) {
  Lines lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(line);
  }
  return lines;
}

// Where a key stands: lines from 1, both included.
struct Place {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct Document {
  std::map<std::string, Place> keys;
  std::size_t first_table = std::numeric_limits<std::size_t>::max();  // line of the first table's header
  std::string inline_section;                                         // a section in one line, which cannot be edited
};

void note_keys(const toml::table& table, std::span<const std::string_view> sections, Document& document) {
  for (const auto& [key, value] : table) {
    const std::string name(key.str());
    const toml::table* below = value.as_table();
    if (below == nullptr) {
      document.keys[name] = {key.source().begin.line, value.source().end.line};
      continue;
    }
    if (below->is_inline()) {
      document.inline_section = name;
    } else {
      document.first_table = std::min<std::size_t>(document.first_table, below->source().begin.line);
    }
    if (std::ranges::count(sections, name) > 0) note_keys(*below, {}, document);
  }
}

std::string setting_line(const ConfigSetting& setting) {
  std::string list;
  for (const std::string& value : setting.values) {
    list += (list.empty() ? "" : ", ") + (value == "true" || value == "false" ? value : toml_text(value));
  }
  return fmt::format("{} = {}", setting.name, setting.values.size() > 1 ? "[" + list + "]" : list);
}

}  // namespace

Result<std::string> edit_config(const std::string& text, std::span<const ConfigSetting> settings,
                                std::span<const std::string_view> sections, const std::string& path) {
  Lines lines = split(text);
  Document document;
  try {
    note_keys(toml::parse(text, path), sections, document);
  } catch (const toml::parse_error& error) {
    return fail(ExitCode::configuration,
                fmt::format("{}:{}: {}", path, error.source().begin.line, error.description()));
  }
  Lines added;
  for (const ConfigSetting& setting : settings) {
    const auto known = document.keys.find(setting.name);
    if (known == document.keys.end()) {
      added.push_back(setting_line(setting));
      continue;
    }
    if (!document.inline_section.empty()) {
      return fail(ExitCode::configuration,
                  fmt::format("{}: '{}' is a table in one line, which is not changed here. Write it as [{}].", path,
                              document.inline_section, document.inline_section));
    }
    // The other lines keep their numbers: what is replaced stays as empty room until the end.
    lines[known->second.begin - 1] = setting_line(setting);
    for (std::size_t i = known->second.begin; i < known->second.end; ++i) lines[i] = "\n";
  }
  std::string edited;
  for (std::size_t i = 0; i <= lines.size(); ++i) {
    if (i + 1 == document.first_table || (i == lines.size() && document.first_table > lines.size())) {
      for (const std::string& line : added) edited += line + "\n";
    }
    if (i < lines.size() && lines[i] != "\n") edited += lines[i] + "\n";
  }
  return edited;
}

std::vector<ConfigSetting> given_settings(const CLI::App& command, std::span<const std::string_view> without) {
  std::vector<ConfigSetting> settings;
  for (const CLI::Option* option : command.get_options()) {
    const std::string name = option->get_single_name();
    if (option->count() == 0 || option->get_lnames().empty() || std::ranges::count(without, name) > 0) continue;
    settings.push_back({name, option->results()});
  }
  return settings;
}

}  // namespace understudy
