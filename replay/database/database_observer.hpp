// Watches a database during runs: a snapshot at each end, and a sample of the device each second in between.
//
//   auto observer = DatabaseObserver::open(options, system_clock());
//   (*observer)->start();
//   ... the run ...
//   Result<Observation> seen = (*observer)->finish();
//
// It never changes a setting of the server, and leaves its own queries out. start() and finish() may be called again
// for the next run. Between them a thread of its own reads counters, with a connection of its own.
//
// Thread safety: one thread calls; the sampler shares nothing with it but what is joined in finish().
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "replay/database/cloudwatch.hpp"
#include "replay/database/connection.hpp"
#include "replay/database/observation.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

struct ObserverOptions {
  DatabaseConnectionOptions connection;
  // "auto": the device that holds the data folder, where the server is on this host and may be looked at; "none"; or
  // a device, or a folder on it.
  std::string device = "auto";
  std::string log_file;  // csvlog or jsonlog of the server; empty: none
  std::optional<CloudWatchOptions> cloudwatch;
  Nanoseconds sample_interval = std::chrono::seconds(1);  // 0: no samples
  bool sample_locks = true;
  std::size_t plans_max = 10;  // of the classes with the largest share of reads, and of those with most time
  std::size_t classes_max = 1000;
  // Called in finish() for each statement of the log that the run caused. May be empty.
  QueryLogParser::Handler on_statement = nullptr;
};

class DatabaseObserver {
 public:
  // Connects, and looks which sources there are. ExitCode::database_unfit when the server is not reached, is older than
  // PostgreSQL 14 or not PostgreSQL. A missing pg_stat_statements or right is no error here: `sources()` says so.
  [[nodiscard]] static Result<std::unique_ptr<DatabaseObserver>> open(ObserverOptions options, const Clock& clock);
  ~DatabaseObserver();
  DatabaseObserver(const DatabaseObserver&) = delete;
  DatabaseObserver& operator=(const DatabaseObserver&) = delete;

  [[nodiscard]] const SourceReports& sources() const;
  [[nodiscard]] const DatabaseSettings& settings() const;

  // The first snapshot. Connects again where the connection was lost since the last run.
  [[nodiscard]] Result<void> start();
  // The second snapshot, and the difference. A server that died in between is no Error but Observation::interrupted,
  // with everything that was known: device samples, and the sources that are left. An Error only without start().
  [[nodiscard]] Result<Observation> finish();

 private:
  struct State;
  explicit DatabaseObserver(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace understudy
