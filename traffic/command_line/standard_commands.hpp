// What every program's command line has beside its own commands: --version, `completion`, `man`, and how a wrong flag
// is told.
//
// Thread safety: one thread.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "traffic/base/error.hpp"

namespace understudy {

class StandardCommands {
 public:
  // Adds them to the program, whose own commands should be there already: help lists these last. The program outlives
  // the object and has a name.
  explicit StandardCommands(CLI::App& program);

  // Takes the arguments. A text is to be printed, and that is all: help, the version, a completion script, the manual's
  // options. What cannot be parsed is ExitCode::usage, as one line that says where to find more.
  [[nodiscard]] Result<std::optional<std::string>> parse(const std::vector<std::string>& arguments);

 private:
  CLI::App& program_;
  CLI::App* completion_;
  CLI::App* manual_;
  std::string shell_;
};

}  // namespace understudy
