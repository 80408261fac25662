// What the commands health and statistics do.
#pragma once

#include <string>

#include "replay/environment/environment_client.hpp"
#include "replay/environment/statistics_rules.hpp"
#include "replay/environment/wait_healthy.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

struct HealthCommand {
  EnvironmentOptions environment;
  HealthWait wait;
  bool json = false;
  bool quiet = false;
};

struct StatisticsCommand {
  EnvironmentOptions environment;
  std::string save;     // a file; empty: none
  std::string compare;  // a file; empty: none
  StatisticsRules rules;
  bool json = false;
};

// Progress goes to standard error, the result to standard output. Ctrl-C ends the wait.
[[nodiscard]] Result<ExitCode> run_health(const HealthCommand& command);

// Reads the statistics; saves them, compares them, both, or, with neither, prints them. ok, differences or
// inconclusive; an error is ExitCode::usage for a file that cannot be read, ExitCode::output_failed for one that cannot
// be written.
[[nodiscard]] Result<ExitCode> run_statistics(const StatisticsCommand& command);

}  // namespace understudy
