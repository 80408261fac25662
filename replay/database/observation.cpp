#include "replay/database/observation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "replay/database/query_fingerprint.hpp"

namespace understudy {
namespace {

// Puts the difference of two snapshots together.
class Subtraction {
 public:
  Subtraction(const DatabaseSnapshot& before, const DatabaseSnapshot& after) : before_(before), after_(after) {}

  [[nodiscard]] Observation run(std::size_t classes_max) {
    out_.started_at = before_.taken_at;
    out_.duration = after_.taken_at - before_.taken_at;
    out_.settings = after_.settings;
    out_.sources = after_.sources;
    check_server();
    subtract_database();
    if (before_.statements && after_.statements) {
      check_statements();
      subtract_statements();
      sort_classes(classes_max);
    }
    subtract_relations();
    if (before_.io && after_.io) {
      const IoCounters io = *after_.io - *before_.io;
      if (io.operations >= 0 && io.read_bytes >= 0) {
        out_.totals.io = io;
      } else {
        doubt("pg_stat_io was reset in the run; it is left out.");
        report_source(out_.sources, CounterSource::pg_stat_io, SourceState::missing, "It was reset in the run.");
      }
    }
    return std::move(out_);
  }

 private:
  // A sentence for the reader, and no verdict.
  void refuse(std::string why) {
    out_.is_complete = false;
    doubt(std::move(why));
  }
  void doubt(std::string why) { out_.warnings.push_back(std::move(why)); }

  void check_server() {
    if (before_.started_at != after_.started_at) {
      refuse(fmt::format(
          "The server was started anew in the run (at {}): counters of before it are not those of after it.",
          after_.started_at));
    }
    if (before_.settings.shared_buffers != after_.settings.shared_buffers) {
      refuse("shared_buffers changed in the run.");
    }
  }

  void subtract_database() {
    if (!before_.database || !after_.database) return;
    const DatabaseCounters database = *after_.database - *before_.database;
    if (before_.database->reset_at != after_.database->reset_at || database.commits < 0 || database.blocks_read < 0) {
      refuse("pg_stat_database was reset in the run (pg_stat_reset, or a crash); its figures are left out.");
      for (const CounterSource source :
           {CounterSource::pg_stat_database, CounterSource::pg_statio_tables, CounterSource::pg_statio_indexes}) {
        report_source(out_.sources, source, SourceState::missing, "It was reset in the run.");
      }
      was_reset_ = true;
      return;
    }
    out_.totals.database = database;
  }

  void check_statements() {
    const StatementsSnapshot& before = *before_.statements;
    const StatementsSnapshot& after = *after_.statements;
    if (before.reset_at != after.reset_at) {
      refuse(fmt::format("pg_stat_statements was reset in the run (at {}): what it had counted until then is lost.",
                         after.reset_at));
    }
    if (before.evicted != after.evicted) {
      refuse(
          fmt::format("pg_stat_statements threw statements out {} times in the run, since more than "
                      "pg_stat_statements.max ({}) differ; some calls are lost. Raise it, and restart the server.",
                      after.evicted - before.evicted, after_.settings.statements_max.value_or(0)));
    }
  }

  void subtract_statements() {
    StatementCounters total;
    std::map<std::string, std::int64_t> most_calls;  // of one statement of a class
    std::size_t lost = 0;
    for (const auto& [key, counters] : after_.statements->rows) {
      StatementCounters in_run = counters;
      const auto earlier = before_.statements->rows.find(key);
      if (earlier != before_.statements->rows.end()) in_run -= earlier->second;
      if (in_run.is_negative()) {  // thrown out or reset, and counted anew
        in_run = counters;
        ++lost;
      }
      if (in_run.calls == 0) continue;
      total += in_run;
      add_to_class(key.query_id, in_run, most_calls);
    }
    if (lost > 0 && out_.is_complete) {
      refuse(fmt::format(
          "{} statements of pg_stat_statements were reset in the run: what was counted until then is lost.", lost));
    }
    out_.totals.statements = total;
  }

  void add_to_class(std::int64_t query_id, const StatementCounters& counters,
                    std::map<std::string, std::int64_t>& most_calls) {
    const auto found = after_.statements->texts.find(query_id);
    const std::string_view text = found == after_.statements->texts.end() ? std::string_view() : found->second;
    const std::string key = class_key(text, query_id);
    auto [place, is_new] = index_.try_emplace(key, out_.classes.size());
    if (is_new) out_.classes.emplace_back().key = key;
    QueryClass& item = out_.classes[place->second];
    item.counters += counters;
    if (std::ranges::count(item.query_ids, query_id) == 0) item.query_ids.push_back(query_id);
    if (is_new || counters.calls > most_calls[key]) {
      most_calls[key] = counters.calls;
      item.text = text;
      item.kind = query_kind(text);
    }
  }

  void sort_classes(std::size_t classes_max) {
    const StatementCounters& total = *out_.totals.statements;
    const bool by_bytes = total.device_read_bytes.value_or(0) > 0;
    out_.share_source = by_bytes ? CounterSource::pg_stat_kcache : CounterSource::pg_stat_statements;
    const auto whole = static_cast<double>(by_bytes ? *total.device_read_bytes : total.blocks_read);
    for (QueryClass& item : out_.classes) {
      const auto part =
          static_cast<double>(by_bytes ? item.counters.device_read_bytes.value_or(0) : item.counters.blocks_read);
      item.read_share = whole > 0 ? part / whole : 0;
    }
    std::ranges::sort(out_.classes, [](const QueryClass& left, const QueryClass& right) {
      if (left.read_share != right.read_share) return left.read_share > right.read_share;
      return left.counters.execution_ms > right.counters.execution_ms;
    });
    if (out_.classes.size() <= classes_max) return;
    doubt(fmt::format("Of {} query classes only the {} with most reads are kept one by one; totals hold all.",
                      out_.classes.size(), classes_max));
    out_.classes.resize(classes_max);
  }

  // Of all relations, those that changed. A relation that came in between counts from zero.
  template <typename Map>
  void subtract_map(const std::optional<Map>& before, const std::optional<Map>& after, Map& out) const {
    if (!before || !after || was_reset_) return;
    for (const auto& [name, counters] : *after) {
      const auto earlier = before->find(name);
      const auto in_run = earlier == before->end() ? counters : counters - earlier->second;
      if (!(in_run == typename Map::mapped_type{})) out.emplace(name, in_run);
    }
  }
  void subtract_relations() {
    subtract_map(before_.tables, after_.tables, out_.tables);
    subtract_map(before_.indexes, after_.indexes, out_.indexes);
  }

  const DatabaseSnapshot& before_;
  const DatabaseSnapshot& after_;
  Observation out_;
  std::map<std::string, std::size_t> index_;  // of classes
  bool was_reset_ = false;
};

// An average over minutes, for a quantity of the run.
std::optional<SourcedFigure> of_cloudwatch(const Observation& observation,
                                           std::optional<double> CloudWatchPoint::*quantity) {
  double sum = 0;
  std::size_t count = 0;
  for (const CloudWatchPoint& point : observation.cloudwatch) {
    if (!(point.*quantity)) continue;
    sum += *(point.*quantity);
    ++count;
  }
  if (count == 0) return std::nullopt;
  return SourcedFigure{sum / static_cast<double>(count) * observation.seconds(), CounterSource::cloudwatch};
}

}  // namespace

std::string class_key(std::string_view text, std::int64_t query_id) {
  const auto fingerprint = fingerprint_query(text);
  return fingerprint ? fingerprint->text() : fmt::format("queryid:{}", query_id);
}

Observation subtract(const DatabaseSnapshot& before, const DatabaseSnapshot& after, std::size_t classes_max) {
  return Subtraction(before, after).run(classes_max);
}

double Observation::seconds() const { return std::chrono::duration<double>(duration).count(); }

const QueryClass* Observation::find_class(const std::string& key) const {
  const auto found = std::ranges::find(classes, key, &QueryClass::key);
  return found == classes.end() ? nullptr : &*found;
}

std::optional<SourcedFigure> Observation::read_operations() const {
  if (totals.device) return SourcedFigure{static_cast<double>(totals.device->reads), CounterSource::device};
  if (totals.cgroup_io) return SourcedFigure{static_cast<double>(totals.cgroup_io->reads), CounterSource::cgroup_io};
  return of_cloudwatch(*this, &CloudWatchPoint::read_iops);
}

std::optional<SourcedFigure> Observation::write_operations() const {
  if (totals.device) return SourcedFigure{static_cast<double>(totals.device->writes), CounterSource::device};
  if (totals.cgroup_io) return SourcedFigure{static_cast<double>(totals.cgroup_io->writes), CounterSource::cgroup_io};
  return of_cloudwatch(*this, &CloudWatchPoint::write_iops);
}

std::optional<SourcedFigure> Observation::read_bytes() const {
  if (totals.device) return SourcedFigure{static_cast<double>(totals.device->read_bytes), CounterSource::device};
  if (totals.process_io)
    return SourcedFigure{static_cast<double>(totals.process_io->read_bytes), CounterSource::process_io};
  if (totals.cgroup_io)
    return SourcedFigure{static_cast<double>(totals.cgroup_io->read_bytes), CounterSource::cgroup_io};
  if (totals.statements && totals.statements->device_read_bytes) {
    return SourcedFigure{static_cast<double>(*totals.statements->device_read_bytes), CounterSource::pg_stat_kcache};
  }
  return of_cloudwatch(*this, &CloudWatchPoint::read_bytes);
}

std::optional<SourcedFigure> Observation::write_bytes() const {
  if (totals.device) return SourcedFigure{static_cast<double>(totals.device->write_bytes), CounterSource::device};
  if (totals.process_io)
    return SourcedFigure{static_cast<double>(totals.process_io->write_bytes), CounterSource::process_io};
  if (totals.cgroup_io)
    return SourcedFigure{static_cast<double>(totals.cgroup_io->write_bytes), CounterSource::cgroup_io};
  return of_cloudwatch(*this, &CloudWatchPoint::write_bytes);
}

std::optional<SourcedFigure> Observation::blocks_read() const {
  if (totals.statements) {
    return SourcedFigure{static_cast<double>(totals.statements->blocks_read), CounterSource::pg_stat_statements};
  }
  if (totals.database)
    return SourcedFigure{static_cast<double>(totals.database->blocks_read), CounterSource::pg_stat_database};
  return std::nullopt;
}

}  // namespace understudy
