// The folder of a rehearsal: what is kept as it comes.
//
//   state.json                 how far it is; what was set up; compared tests and statistics
//   runs/003-baseline/         record.json (run_record.hpp), and the reports of `run`
//   steps/migrate.txt          output of each command
//   rehearsal.json, ...        reports, at the end
//
// A folder belongs to one rehearsal at a time. Thread safety: one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "replay/rehearse/run_record.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

struct StepRecord {
  std::string name;
  std::string started_at;
  double seconds = 0;
  int exit_code = 0;
  std::string output;  // its end
};

struct SideFacts {
  std::string url;  // without secrets
  std::string build_version;
  std::string build_timestamp;
};

struct ComparedStatistics {
  std::string between;
  std::string verdict;  // "passed", "violated", "inconclusive"
  std::string json;     // of to_json(StatisticsComparison)
};

struct RehearsalState {
  std::uint64_t plan_fingerprint = 0;
  std::string started_at;
  std::string finished_at;
  bool is_set_up = false;
  std::string end = "interrupted";  // "whole", "aborted", "failed"; until it has ended, what a crash would be
  std::string end_reason = "the program ended in the middle";
  SideFacts baseline;
  SideFacts candidate;
  std::vector<StepRecord> steps;
  std::string tests_json;  // of to_json(TestComparison); "" when not compared
  std::vector<ComparedStatistics> statistics;
  std::vector<std::string> refusals;  // why there can be no verdict
  std::vector<std::string> warnings;
};

class ResultsFolder {
 public:
  // Creates it. A folder that holds a rehearsal already is refused (ExitCode::usage), unless `go_on`, which wants one.
  [[nodiscard]] static Result<ResultsFolder> open(const std::string& path, bool go_on);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string run_folder(const RunPlace& place) const;
  [[nodiscard]] std::string step_file(const std::string& name) const;

  // ExitCode::output_failed.
  [[nodiscard]] Result<void> save(const RehearsalState& state) const;
  [[nodiscard]] Result<void> save(const RunRecord& record) const;
  // A run that has to be repeated keeps its data, as runs/003-baseline.1 and so on.
  void set_aside(const RunPlace& place) const;

  // ExitCode::configuration for a folder without a rehearsal, or with a damaged one.
  [[nodiscard]] Result<RehearsalState> load_state() const;
  // All there are, in their order.
  [[nodiscard]] Result<std::vector<RunRecord>> load_runs() const;

 private:
  explicit ResultsFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace understudy
