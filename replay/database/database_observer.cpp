#include "replay/database/database_observer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "replay/database/observation_parts.hpp"
#include "replay/database/sampler.hpp"
#include "replay/database/server_host.hpp"
#include "replay/database/snapshot_reader.hpp"

namespace understudy {

struct DatabaseObserver::State {
  State(ObserverOptions given, const Clock& source) : options(std::move(given)), clock(source) {}

  [[nodiscard]] Result<void> connect();
  void take_second_snapshot(Observation& observation);
  void read_log(Observation& observation);

  const ObserverOptions options;
  const Clock& clock;
  std::unique_ptr<DatabaseConnection> connection;
  std::optional<SnapshotReader> reader;
  std::optional<ServerHost> host;
  SourceReports sources;
  DatabaseSettings settings;

  // Between start() and finish().
  bool is_running = false;
  DatabaseSnapshot before;
  HostCounters host_before;
  MonotonicTime began{};
  std::unique_ptr<Sampler> sampler;
  std::optional<QueryLogWindow> log;
};

Result<void> DatabaseObserver::State::connect() {
  reader.reset();
  auto opened = DatabaseConnection::open(options.connection, clock);
  if (!opened) return tl::unexpected(opened.error());
  connection = std::move(*opened);
  // For this session alone: plans are asked for, and nothing is to be changed by accident.
  auto read_only = connection->query("SELECT set_config('default_transaction_read_only', 'on', false)");
  if (!read_only) return tl::unexpected(read_only.error());
  auto made = SnapshotReader::open(*connection, clock);
  if (!made) return tl::unexpected(made.error());
  reader.emplace(std::move(*made));
  sources = reader->sources();
  settings = reader->settings();
  auto found = ServerHost::find(options.device, connection->is_local(), connection->backend_pid(), sources);
  if (!found) return tl::unexpected(found.error());
  host.emplace(std::move(*found));
  if (options.sample_locks && options.sample_interval.count() > 0) {
    report_source(sources, CounterSource::lock_waits, settings.may_read_all ? SourceState::used : SourceState::partial,
                  settings.may_read_all ? "" : "Statements of other users are not shown: GRANT pg_read_all_stats.");
  }
  if (options.plans_max > 0) report_source(sources, CounterSource::plans, SourceState::used);
  if (options.cloudwatch) report_source(sources, CounterSource::cloudwatch, SourceState::used);
  return {};
}

DatabaseObserver::DatabaseObserver(std::unique_ptr<State> state) : state_(std::move(state)) {}
DatabaseObserver::~DatabaseObserver() = default;

Result<std::unique_ptr<DatabaseObserver>> DatabaseObserver::open(ObserverOptions options, const Clock& clock) {
  auto state = std::make_unique<State>(std::move(options), clock);
  if (auto connected = state->connect(); !connected) return tl::unexpected(connected.error());
  return std::unique_ptr<DatabaseObserver>(new DatabaseObserver(std::move(state)));
}

const SourceReports& DatabaseObserver::sources() const { return state_->sources; }
const DatabaseSettings& DatabaseObserver::settings() const { return state_->settings; }

Result<void> DatabaseObserver::start() {
  State& state = *state_;
  if (!state.connection->is_alive()) {
    if (auto connected = state.connect(); !connected) return connected;
  }
  if (!state.options.log_file.empty()) {
    auto offset = state.reader->log_zone_offset();
    if (!offset) return tl::unexpected(offset.error());
    auto window = QueryLogWindow::begin(state.options.log_file, *offset);
    if (!window) return tl::unexpected(window.error());
    state.log.emplace(std::move(*window));
    report_source(state.sources, CounterSource::query_log, SourceState::used);
  }
  auto snapshot = state.reader->read();
  if (!snapshot) return tl::unexpected(snapshot.error());
  state.before = std::move(*snapshot);
  state.sampler.reset();
  if (state.options.sample_interval.count() > 0) {
    state.sampler = std::make_unique<Sampler>(*state.host, state.options.connection, state.options.sample_interval,
                                              state.options.sample_locks, state.clock);
    state.sampler->start();
  }
  // The device last, so that the snapshot's own reads are not in it.
  state.host_before = state.host->read();
  state.began = state.clock.monotonic_now();
  state.before.taken_at = state.clock.wall_now();
  state.is_running = true;
  return {};
}

Result<Observation> DatabaseObserver::finish() {
  State& state = *state_;
  if (!state.is_running) return fail(ExitCode::internal, "an observation was finished that had not been started");
  state.is_running = false;
  // The device first, for the same reason.
  const HostCounters counters = state.host->read() - state.host_before;
  const Nanoseconds duration = state.clock.monotonic_now() - state.began;
  Samples samples;
  if (state.sampler) samples = state.sampler->stop();

  Observation observation;
  state.take_second_snapshot(observation);
  observation.started_at = state.before.taken_at;
  observation.duration = duration;
  observation.server = state.connection->display();
  observation.device = state.host->device();
  observation.totals.device = counters.device;
  observation.totals.process_io = counters.process_io;
  observation.totals.cgroup_io = counters.cgroup_io;
  observation.samples = std::move(samples.points);
  observation.lock_waits = std::move(samples.lock_waits);
  if (samples.lost && !observation.interrupted) {
    observation.warnings.push_back(fmt::format("The samples of each second are cut short: {}", samples.lost->message));
    report_source(observation.sources, CounterSource::lock_waits, SourceState::partial, samples.lost->message);
  }
  check_device_is_private(observation);
  state.read_log(observation);
  if (state.options.cloudwatch) add_cloudwatch(*state.options.cloudwatch, state.clock, observation);
  return observation;
}

// What the server says, or why it does not.
void DatabaseObserver::State::take_second_snapshot(Observation& observation) {
  auto after = reader->read();
  if (!after) {
    observation.settings = before.settings;
    observation.sources = sources;
    observation.is_complete = false;
    observation.interrupted = after.error();
    observation.warnings.push_back(
        "The server did not answer at the end of the run: statements, tables and plans are "
        "missing; what the device and the samples say is kept.");
    for (const SourceReport& report : sources) {
      if (is_asked_of_server(report.source) && report.state != SourceState::unasked) {
        report_source(observation.sources, report.source, SourceState::missing, after.error().message);
      }
    }
    return;
  }
  if (after->statements) {
    // Texts only of what was called in the run: there may be thousands of others.
    const std::vector<std::int64_t> called = changed_statements(before.statements, *after->statements);
    if (auto texts = reader->read_texts(called, *after->statements); !texts) {
      report_source(sources, CounterSource::pg_stat_statements, SourceState::partial, texts.error().message);
    }
  }
  observation = subtract(before, *after, options.classes_max);
  // The reader knows of the counters, this object of the rest.
  for (const SourceReport& report : sources) {
    const bool is_readers = reader->sources().at(static_cast<std::size_t>(report.source)).state != SourceState::unasked;
    if (!is_readers) report_source(observation.sources, report.source, report.state, report.note);
  }
  if (options.plans_max > 0) add_plans(*connection, options.plans_max, observation);
}

void DatabaseObserver::State::read_log(Observation& observation) {
  if (!log) return;
  LogTimes times;
  auto read = log->read(settings.database, [&](const LoggedStatement& statement) {
    times.take(statement);
    if (options.on_statement) options.on_statement(statement);
  });
  if (!read) {
    report_source(observation.sources, CounterSource::query_log, SourceState::missing, read.error().message);
    return;
  }
  observation.log = times.summary(*read);
  for (QueryClass& item : observation.classes) {
    const auto found = observation.log->classes.find(item.key);
    if (found != observation.log->classes.end()) item.logged = found->second;
  }
  std::string note = log->note();
  if (observation.log->statements == 0) {
    note += "It has no statement of this database with a duration; is log_min_duration_statement = 0?";
  }
  report_source(observation.sources, CounterSource::query_log, note.empty() ? SourceState::used : SourceState::partial,
                note);
}

}  // namespace understudy
