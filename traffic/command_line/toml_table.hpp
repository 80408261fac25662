// Reads a table of a TOML file by its keys, and refuses what nobody asked for.
//
// All tables of a file share one TomlErrors, which keeps the first error; after it everything read is empty.
// Thread safety: one thread.
#pragma once

#include <toml++/toml.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

class TomlErrors {
 public:
  explicit TomlErrors(std::string path) : path_(std::move(path)) {}

  // "plan.toml:12: message". Line 0: the file as a whole.
  void add(std::size_t line, const std::string& message);
  [[nodiscard]] const std::optional<Error>& first() const { return first_; }

 private:
  std::string path_;
  std::optional<Error> first_;
};

class TomlTable {
 public:
  // `name` is shown in errors: "pairs"; "" for the file itself. A null table is an empty one. All outlive it.
  TomlTable(const toml::table* table, std::string name, std::size_t line, TomlErrors& errors)
      : table_(table), name_(std::move(name)), line_(line), errors_(errors) {}

  [[nodiscard]] bool has(std::string_view key);
  [[nodiscard]] std::string text(std::string_view key, std::string fallback = "");
  // Not empty.
  [[nodiscard]] std::string wanted_text(std::string_view key);
  [[nodiscard]] std::uint64_t number(std::string_view key, std::uint64_t fallback, std::uint64_t min,
                                     std::uint64_t max);
  // A number within [min, max].
  [[nodiscard]] double real(std::string_view key, double fallback, double min, double max);
  [[nodiscard]] bool flag(std::string_view key, bool fallback);
  // One text or an array of texts.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key);
  // A text that another parser takes.
  template <typename T, typename Parse>
  void parsed(std::string_view key, Parse parse, T& out) {
    const std::string given = text(key);
    if (given.empty()) return;
    auto value = parse(given);
    if (value) {
      out = static_cast<T>(std::move(*value));
    } else {
      refuse(key, value.error().message);
    }
  }
  // A table below.
  [[nodiscard]] TomlTable table(std::string_view key);
  // An array of tables below, each with a name such as "clone 2".
  [[nodiscard]] std::vector<TomlTable> tables(std::string_view key);

  // Keys that nobody has asked for so far, in the order of the file, for who takes them all.
  [[nodiscard]] std::vector<std::string> remaining() const;
  // The value as the words of a command line would give it; is_switch for true and false.
  struct Words {
    std::vector<std::string> values;
    std::optional<bool> is_switch;
  };
  [[nodiscard]] Words words(std::string_view key);

  [[nodiscard]] std::size_t line_of(std::string_view key) const;
  [[nodiscard]] std::size_t line() const { return line_; }
  [[nodiscard]] bool is_given() const { return table_ != nullptr; }
  void refuse(std::string_view key, const std::string& message);
  // Refuses the keys that nobody has asked for.
  void finish();

 private:
  [[nodiscard]] const toml::node* find(std::string_view key);
  [[nodiscard]] std::string shown(std::string_view key) const;

  const toml::table* table_;
  std::string name_;
  std::size_t line_;
  TomlErrors& errors_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace understudy
