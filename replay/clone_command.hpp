// The command clone: a bucket or a database, cloned from the command line.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "replay/command_action.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

class CloneCommand {
 public:
  // Adds the command, which holds pointers to this object: it outlives the parsing.
  explicit CloneCommand(CLI::App& app);
  ~CloneCommand();
  CloneCommand(const CloneCommand&) = delete;
  CloneCommand& operator=(const CloneCommand&) = delete;

  // What is to be done; nothing when the command was not given. The action owns what it needs.
  [[nodiscard]] std::optional<Result<CommandAction>> action() const;

 private:
  struct Flags;
  std::unique_ptr<Flags> flags_;
};

}  // namespace understudy
