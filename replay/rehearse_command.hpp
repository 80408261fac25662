// The command rehearse: a candidate build taken through a rehearsal, to a verdict.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "replay/command_action.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

class RehearseCommand {
 public:
  // Adds the command, which holds pointers to this object: it outlives the parsing.
  explicit RehearseCommand(CLI::App& app);
  ~RehearseCommand();
  RehearseCommand(const RehearseCommand&) = delete;
  RehearseCommand& operator=(const RehearseCommand&) = delete;

  // What is to be done; nothing when the command was not given. The action owns what it needs.
  [[nodiscard]] std::optional<Result<CommandAction>> action() const;

 private:
  struct Flags;
  std::unique_ptr<Flags> flags_;
};

}  // namespace understudy
