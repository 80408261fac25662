// The command report: pages and texts out of a result's JSON document, without playing anything.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "replay/command_action.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

class ReportCommand {
 public:
  // Adds the command, which holds pointers to this object: it outlives the parsing.
  explicit ReportCommand(CLI::App& app);
  ~ReportCommand();
  ReportCommand(const ReportCommand&) = delete;
  ReportCommand& operator=(const ReportCommand&) = delete;

  // What is to be done; nothing when the command was not given. The action owns what it needs.
  [[nodiscard]] std::optional<Result<CommandAction>> action() const;

 private:
  struct Flags;
  std::unique_ptr<Flags> flags_;
};

}  // namespace understudy
