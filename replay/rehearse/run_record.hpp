// One run of a rehearsal as it is kept: everything that a verdict and a report are made from.
//
// Written to runs/NNN-side/record.json when the run has ended, so that nothing is lost when the rehearsal ends early;
// `--resume` and `--judge` read it again. Values; pure functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/report/run_result.hpp"
#include "replay/verdict/verdict.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

enum class RunPhase : std::uint8_t { noise, pair };
[[nodiscard]] std::string_view to_string(RunPhase phase);  // "aa", "pair"

// A run's place in the order.
struct RunPlace {
  std::size_t number = 0;  // of all runs, from 1
  RunPhase phase = RunPhase::pair;
  std::size_t pair = 0;  // in its phase, from 1
  RunSide side = RunSide::baseline;
  bool is_second = false;  // of its pair; of an A/A pair it stands for the candidate

  // "runs/003-baseline".
  [[nodiscard]] std::string folder() const;
  friend bool operator==(const RunPlace&, const RunPlace&) = default;
};

// A second of the device, or the time between two looks at it; figures a second.
struct RecordedSample {
  double second = 0;  // its end, from the start of the run
  double seconds = 1;
  std::map<Metric, double> values;
};

struct RecordedPlan {
  std::string text;
  std::string error;
};

struct RecordedClass {
  std::string id;
  std::string query;
  std::map<Metric, double> values;  // a second
  std::optional<RecordedPlan> plan;
  std::map<std::string, double> routes;  // share of its statements that each caused
};

struct RecordedCounter {
  std::string name;
  bool available = false;
  std::string worth;
  std::string problem;
};

// What the database did. Absent in a record: it was not observed.
struct RecordedDatabase {
  std::string version;
  std::map<std::string, std::string> settings;
  std::uint64_t data_bytes = 0;
  std::uint64_t cache_bytes = 0;
  std::string device;
  double seconds = 0;
  std::map<Metric, double> values;  // a second
  std::vector<RecordedClass> classes;
  std::vector<RecordedSample> samples;
  std::vector<RecordedCounter> counters;
  std::vector<std::string> locks;
  std::optional<double> burst_balance;  // a share
  std::string attribution = "none";     // "comment", "time"
  std::vector<std::string> warnings;
};

struct RunRecord {
  RunPlace place;
  WallTime started_at{};
  double excluded_seconds = 0;       // maintenance in front of it: attempts that it stopped, and the wait for its end
  std::vector<std::string> invalid;  // reasons; empty: it counts
  std::string build_version;
  std::string build_timestamp;
  RunResult result;  // load, routes, series, rates, held_back, generator, end; the rest is in its own files
  std::optional<RecordedDatabase> database;
};

[[nodiscard]] std::string to_json(const RunRecord& record);
// ExitCode::configuration when it is not what to_json() wrote; `what` is the file, for the message.
[[nodiscard]] Result<RunRecord> read_run_record(std::string_view what, std::string_view text);

// What the verdict needs of it.
[[nodiscard]] MeasuredRun measured_run(const RunRecord& record);

}  // namespace understudy
