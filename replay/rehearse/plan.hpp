// What a user wants rehearsed: the TOML plan, read and checked once. docs/rehearsal.md describes every key.
//
// Values; pure functions but for reading the file; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "replay/database/cloudwatch.hpp"
#include "replay/environment/clone_payloads.hpp"
#include "replay/environment/statistics_rules.hpp"
#include "replay/forecast/ebs_volume.hpp"
#include "replay/report/objective.hpp"
#include "replay/verdict/verdict.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/base/units.hpp"
#include "traffic/net/target.hpp"

namespace understudy {

// A flag of `understudy-replay run` that the plan sets, without its dashes.
struct PlannedFlag {
  std::string name;
  std::vector<std::string> values;
  bool is_switch = false;  // given as true: the flag takes no value
  std::size_t line = 0;
};

// One of the two builds with its stack. Commands run by /bin/sh -c; "" is none.
struct SidePlan {
  std::string url;  // where requests go; may hold a user and password
  std::size_t url_line = 0;
  std::optional<TargetUrl> environment;  // health, tests, statistics, maintenance, clones; nothing: none of it is asked
  std::vector<std::pair<std::string, std::string>> headers;  // for the environment; may be secrets
  std::string expect_version;
  std::string database;  // as libpq takes it; a secret; "": not observed
  std::string device = "auto";
  std::string log_file;
  std::optional<CloudWatchOptions> cloudwatch;
  std::string clone;        // before everything else
  std::string migrate;      // once, after clones
  std::string restart;      // before each run
  std::string cache_reset;  // before each run, after `restart`

  // `url` without user and password.
  [[nodiscard]] std::string shown_url() const;
};

// A clone that an environment is asked for.
struct ClonePlan {
  RunSide on = RunSide::candidate;  // whose environment
  CloneRequest request;
  Nanoseconds deadline = std::chrono::hours(2);
};

struct EnvironmentPlan {
  unsigned polls = 3;                              // healthy ones in a row
  Nanoseconds interval = std::chrono::seconds(1);  // between polls, also during runs
  Nanoseconds wait = std::chrono::minutes(5);
  unsigned unfit_max = 3;    // unfit polls in a row that abort a run
  bool maintenance = false;  // the candidate is in maintenance while it is cloned and migrated
  bool tests = false;        // /test is compared
  bool statistics = false;   // /admin/statistics is compared
  StatisticsRules statistics_rules;
  Nanoseconds command_timeout = std::chrono::hours(1);
};

struct PairsPlan {
  std::size_t count = 8;
  std::size_t noise_count = 2;  // A/A pairs of the baseline, in front
  Nanoseconds warm_up{};        // of the same traffic, before each run, not measured
  std::size_t repeats_max = 3;  // how often a run is repeated that maintenance stopped
};

struct ForecastPlan {
  EbsVolume volume;
  Percentage burst_balance{percentage_whole};
  double scale = 1;  // production's load beside the rehearsal's
};

struct TracePlan {
  std::string key;     // in SQL comments; "": no attribution by trace
  std::string header;  // of requests
};

struct RehearsalPlan {
  std::string path;  // of the file
  std::string name;
  SidePlan baseline;
  SidePlan candidate;
  std::vector<ClonePlan> clones;
  std::vector<std::string> recordings;
  std::vector<PlannedFlag> run_flags;
  EnvironmentPlan environment;
  PairsPlan pairs;
  VerdictMethod method;
  std::vector<Objective> objectives;
  std::optional<double> production_data_cache_ratio;
  std::optional<ForecastPlan> forecast;
  TracePlan trace;
  std::uint64_t fingerprint = 0;  // of what is measured: --resume wants the same

  [[nodiscard]] const SidePlan& side(RunSide which) const { return which == RunSide::baseline ? baseline : candidate; }
};

// The environment's variable of that name; nothing where it is not set.
using GetVariable = std::function<std::optional<std::string>(const std::string& name)>;

// Errors are ExitCode::configuration, "plan.toml:12: ...": what is wrong there, and what is wanted. An unknown key is
// one. Run flags are taken as they are; who knows them checks them.
[[nodiscard]] Result<RehearsalPlan> parse_plan(const std::string& path, std::string_view text,
                                               const GetVariable& variable);
[[nodiscard]] Result<RehearsalPlan> read_plan(const std::string& path);

// The same error with the plan's line in front, where its message names a flag that the plan sets ("--rate ...").
[[nodiscard]] Error at_plan_line(const RehearsalPlan& plan, const Error& error);

// The command line of one run against `url`, after the program's name. `extra` goes at its end.
[[nodiscard]] std::vector<std::string> run_arguments(const RehearsalPlan& plan, const std::string& url,
                                                     const std::vector<std::string>& extra);

// A plan with every key, explained.
[[nodiscard]] std::string plan_template();

}  // namespace understudy
