// The commands that ask a test environment: health and statistics.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "replay/command_action.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

class EnvironmentCommands {
 public:
  // Adds the commands, which hold pointers to this object: it outlives the parsing.
  explicit EnvironmentCommands(CLI::App& app);
  ~EnvironmentCommands();
  EnvironmentCommands(const EnvironmentCommands&) = delete;
  EnvironmentCommands& operator=(const EnvironmentCommands&) = delete;

  // What is to be done; nothing when neither command was given. The action owns what it needs.
  [[nodiscard]] std::optional<Result<CommandAction>> action() const;

 private:
  struct Flags;
  std::unique_ptr<Flags> flags_;
};

}  // namespace understudy
