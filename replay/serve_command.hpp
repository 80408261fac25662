// The command serve: the environment's side of the contract (docs/environment-server.md).
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "replay/command_action.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

class ServeCommand {
 public:
  // Adds the command, which holds pointers to this object: it outlives the parsing.
  explicit ServeCommand(CLI::App& app);
  ~ServeCommand();
  ServeCommand(const ServeCommand&) = delete;
  ServeCommand& operator=(const ServeCommand&) = delete;

  // What is to be done; nothing when the command was not given. The action owns what it needs.
  [[nodiscard]] std::optional<Result<CommandAction>> action() const;

 private:
  struct Flags;
  std::unique_ptr<Flags> flags_;
};

}  // namespace understudy
