#include "traffic/command_line/toml_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace understudy {
namespace {

[[nodiscard]] std::size_t line_of_source(const toml::source_region& source) { return source.begin.line; }

[[nodiscard]] std::optional<std::string> word(const toml::node& value) {
  if (const auto* text = value.as_string()) return text->get();
  if (const auto* number = value.as_integer()) return std::to_string(number->get());
  if (const auto* number = value.as_floating_point()) return fmt::format("{}", number->get());
  return std::nullopt;
}

}  // namespace

void TomlErrors::add(std::size_t line, const std::string& message) {
  if (first_) return;
  first_ = Error{ExitCode::configuration,
                 line == 0 ? fmt::format("{}: {}", path_, message) : fmt::format("{}:{}: {}", path_, line, message)};
}

const toml::node* TomlTable::find(std::string_view key) {
  known_.emplace(key);
  return table_ == nullptr ? nullptr : table_->get(key);
}

std::string TomlTable::shown(std::string_view key) const {
  return name_.empty() ? fmt::format("'{}'", key) : fmt::format("[{}] '{}'", name_, key);
}

std::size_t TomlTable::line_of(std::string_view key) const {
  if (table_ == nullptr) return line_;
  const auto found = table_->find(key);
  return found == table_->end() ? line_ : line_of_source(found->first.source());
}

void TomlTable::refuse(std::string_view key, const std::string& message) {
  errors_.add(line_of(key), fmt::format("{} {}", shown(key), message));
}

bool TomlTable::has(std::string_view key) { return find(key) != nullptr; }

std::string TomlTable::text(std::string_view key, std::string fallback) {
  const toml::node* node = find(key);
  if (node == nullptr) return fallback;
  if (const auto* text = node->as_string()) return text->get();
  refuse(key, "must be text, in quotes");
  return {};
}

std::string TomlTable::wanted_text(std::string_view key) {
  std::string given = text(key);
  if (given.empty()) refuse(key, "is missing");
  return given;
}

std::uint64_t TomlTable::number(std::string_view key, std::uint64_t fallback, std::uint64_t min, std::uint64_t max) {
  const toml::node* node = find(key);
  if (node == nullptr) return fallback;
  if (const auto* given = node->as_integer()) {
    if (given->get() >= 0 && std::cmp_greater_equal(given->get(), min) && std::cmp_less_equal(given->get(), max)) {
      return static_cast<std::uint64_t>(given->get());
    }
  }
  refuse(key, fmt::format("takes a whole number from {} to {}", min, max));
  return fallback;
}

double TomlTable::real(std::string_view key, double fallback, double min, double max) {
  const toml::node* node = find(key);
  if (node == nullptr) return fallback;
  std::optional<double> given;
  if (const auto* whole = node->as_integer()) given = static_cast<double>(whole->get());
  if (const auto* real = node->as_floating_point()) given = real->get();
  if (given && *given >= min && *given <= max) return *given;
  refuse(key, fmt::format("takes a number from {} to {}", min, max));
  return fallback;
}

bool TomlTable::flag(std::string_view key, bool fallback) {
  const toml::node* node = find(key);
  if (node == nullptr) return fallback;
  if (const auto* given = node->as_boolean()) return given->get();
  refuse(key, "must be true or false");
  return fallback;
}

std::vector<std::string> TomlTable::texts(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  if (const auto* text = node->as_string()) return {text->get()};
  std::vector<std::string> list;
  if (const toml::array* array = node->as_array()) {
    for (const toml::node& element : *array) {
      if (const auto* text = element.as_string()) list.push_back(text->get());
    }
    if (list.size() == array->size()) return list;
  }
  refuse(key, "must be text, or an array of texts");
  return {};
}

TomlTable TomlTable::table(std::string_view key) {
  const toml::node* node = find(key);
  if (node != nullptr && !node->is_table()) refuse(key, "must be a table");
  const std::string name = name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
  return {node == nullptr ? nullptr : node->as_table(), name, line_of(key), errors_};
}

std::vector<TomlTable> TomlTable::tables(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  std::vector<TomlTable> list;
  if (const toml::array* array = node->as_array(); array != nullptr && array->is_homogeneous<toml::table>()) {
    for (const toml::node& element : *array) {
      list.emplace_back(element.as_table(), fmt::format("{} {}", key, list.size() + 1),
                        line_of_source(element.source()), errors_);
    }
    return list;
  }
  refuse(key, fmt::format("must be tables, each under [[{}]]", key));
  return {};
}

std::vector<std::string> TomlTable::remaining() const {
  std::vector<std::pair<std::size_t, std::string>> unknown;
  if (table_ == nullptr) return {};
  for (const auto& [key, value] : *table_) {
    if (!known_.contains(key.str())) unknown.emplace_back(line_of_source(key.source()), std::string(key.str()));
  }
  std::ranges::sort(unknown);
  std::vector<std::string> keys;
  for (auto& [line, key] : unknown) keys.push_back(std::move(key));
  return keys;
}

TomlTable::Words TomlTable::words(std::string_view key) {
  Words words;
  const toml::node* node = find(key);
  if (node == nullptr) return words;
  if (const auto* given = node->as_boolean()) {
    words.is_switch = given->get();
    return words;
  }
  if (auto one = word(*node)) {
    words.values.push_back(std::move(*one));
    return words;
  }
  if (const toml::array* array = node->as_array()) {
    for (const toml::node& element : *array) {
      if (auto one = word(element)) words.values.push_back(std::move(*one));
    }
    if (words.values.size() == array->size()) return words;
  }
  refuse(key, "must be text, a number, true or false, or an array of these");
  return {};
}

void TomlTable::finish() {
  const auto unknown = remaining();
  if (unknown.empty()) return;
  std::string names;
  for (const std::string& name : known_) names += (names.empty() ? "" : ", ") + name;
  errors_.add(line_of(unknown.front()),
              fmt::format("unknown key {}. {} takes: {}", shown(unknown.front()),
                          name_.empty() ? std::string("The plan") : fmt::format("[{}]", name_), names));
}

}  // namespace understudy
