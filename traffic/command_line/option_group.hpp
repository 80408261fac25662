// Defines options of one help group: each definition gives a flag, an environment variable, a key of the configuration
// file, its help and its completion.
//
//   OptionGroup group(*command, "Recording");
//   group.one("--record", raw.record, "FILE", "Append each exchange ...");
#pragma once

#include <CLI/CLI.hpp>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

namespace understudy {

class OptionGroup {
 public:
  // The command outlives the group; the variables outlive the command.
  OptionGroup(CLI::App& command, std::string name) : command_(command), name_(std::move(name)) {}

  // An option with one value.
  template <typename T>
  void one(const std::string& flag, T& variable, const std::string& value_name, const std::string& help) {
    finish(command_.add_option(flag, variable, help)->capture_default_str(), flag).type_name(value_name);
  }
  // A list: comma-separated, repeated, or both.
  void list(const std::string& flag, std::vector<std::string>& variable, const std::string& help) {
    CLI::Option* option = command_.add_option(flag, variable, help);
    finish(option, flag).type_name("LIST")->delimiter(',')->expected(1)->take_all();
  }
  // Repeatable, each use one value with any characters in it. In the environment: one value.
  void each(const std::string& flag, std::vector<std::string>& variable, const std::string& value_name,
            const std::string& help) {
    CLI::Option* option = command_.add_option(flag, variable, help);
    finish(option, flag).type_name(value_name)->expected(1)->take_all();
  }
  void flag(const std::string& flag, bool& variable, const std::string& help) {
    finish(command_.add_flag(flag, variable, help), flag);
  }

 private:
  // "--max-body" -> "UNDERSTUDY_MAX_BODY".
  [[nodiscard]] static std::string environment_name(const std::string& flag) {
    std::string name = "UNDERSTUDY_";
    for (const char c : flag.substr(2)) {
      name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return name;
  }
  CLI::Option& finish(CLI::Option* option, const std::string& flag) {
    option->group(name_);
    option->envname(environment_name(flag));
    return *option;
  }

  CLI::App& command_;
  std::string name_;
};

}  // namespace understudy
