// The command observe: what a PostgreSQL database did in a window of time.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "replay/command_action.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

class ObserveCommand {
 public:
  // Adds the command, which holds pointers to this object: it outlives the parsing.
  explicit ObserveCommand(CLI::App& app);
  ~ObserveCommand();
  ObserveCommand(const ObserveCommand&) = delete;
  ObserveCommand& operator=(const ObserveCommand&) = delete;

  // What is to be done; nothing when the command was not given. The action owns what it needs.
  [[nodiscard]] std::optional<Result<CommandAction>> action() const;

 private:
  struct Flags;
  std::unique_ptr<Flags> flags_;
};

}  // namespace understudy
