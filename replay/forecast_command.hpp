// The command forecast: how long a volume's burst credits last.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "replay/command_action.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

class ForecastCommand {
 public:
  // Adds the command, which holds pointers to this object: it outlives the parsing.
  explicit ForecastCommand(CLI::App& app);
  ~ForecastCommand();
  ForecastCommand(const ForecastCommand&) = delete;
  ForecastCommand& operator=(const ForecastCommand&) = delete;

  // What is to be done; nothing when the command was not given. The action owns what it needs.
  [[nodiscard]] std::optional<Result<CommandAction>> action() const;

 private:
  struct Flags;
  std::unique_ptr<Flags> flags_;
};

}  // namespace understudy
