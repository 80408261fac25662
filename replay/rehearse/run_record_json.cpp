#include <fmt/format.h>

#include <array>
#include <chrono>
#include <concepts>
#include <type_traits>
#include <utility>

#include "replay/compare/json_document.hpp"
#include "replay/rehearse/record_fields.hpp"
#include "replay/rehearse/run_record.hpp"
#include "traffic/base/time_text.hpp"
#include "traffic/observe/histogram.hpp"

namespace understudy {
namespace {

constexpr int record_schema = 1;

template <typename V, typename T>
concept Of = std::same_as<std::remove_const_t<V>, T>;

// A value that JSON has no form for, in one that it has: converted in front of writing, and back after reading.
template <typename Record, typename Held, typename Shown, typename Show, typename Hold>
void through(Record& record, std::string_view name, Held& held, Shown shown, Show show, Hold hold) {
  if constexpr (Record::reads) {
    record.field(name, shown);
    if (record.problem().empty()) hold(shown, held);
  } else {
    show(held, shown);
    record.field(name, std::as_const(shown));
  }
}

// Enumerations as numbers are no good in files: as their names.
template <typename Record, typename Enum, std::size_t count>
void named(Record& record, std::string_view name, Enum& value, const std::array<std::string_view, count>& names) {
  through(
      record, name, value, std::string(),
      [&](const auto& held, std::string& shown) { shown = names[static_cast<std::size_t>(held)]; },
      [&](const std::string& shown, auto& held) {
        if constexpr (Record::reads) {
          for (std::size_t i = 0; i < count; ++i) {
            if (names[i] == shown) {
              held = static_cast<std::remove_cvref_t<decltype(held)>>(i);
              return;
            }
          }
          record.refuse(name);
        }
      });
}

template <typename Record, typename V>
void duration(Record& record, std::string_view name, V& value) {
  through(
      record, name, value, std::int64_t{0}, [](const auto& held, std::int64_t& shown) { shown = held.count(); },
      [](std::int64_t shown, auto& held) {
        if constexpr (Record::reads) held = Nanoseconds(shown);
      });
}

template <typename Record, typename V>
void metrics(Record& record, std::string_view name, V& value) {
  through(
      record, name, value, std::map<std::string, double>(),
      [](const auto& held, std::map<std::string, double>& shown) {
        for (const auto& [metric, number] : held) shown[std::string(metric_info(metric).key)] = number;
      },
      [](const std::map<std::string, double>& shown, auto& held) {
        if constexpr (Record::reads) {
          for (const auto& [key, number] : shown) {
            if (const auto metric = find_metric(key)) held[*metric] = number;
          }
        }
      });
}

// Buckets in use, as index and count in turn, to the precision of the histogram.
template <typename Record, typename V>
void histogram(Record& record, std::string_view name, V& value) {
  through(
      record, name, value, std::vector<std::uint64_t>(),
      [](const auto& held, std::vector<std::uint64_t>& shown) {
        const auto buckets = held.buckets();
        for (std::size_t i = 0; i < buckets.size(); ++i) {
          if (buckets[i] != 0) shown.insert(shown.end(), {i, buckets[i]});
        }
      },
      [&](const std::vector<std::uint64_t>& shown, auto& held) {
        if constexpr (Record::reads) {
          constexpr std::uint64_t records_max = 100'000'000;
          Histogram all(Histogram::one_hour_ns);
          std::uint64_t total = 0;
          for (std::size_t i = 0; i + 1 < shown.size(); i += 2) {
            total += shown[i + 1];
            if (shown[i] > (1U << 20U) || shown[i + 1] > records_max || total > records_max) return record.refuse(name);
            for (std::uint64_t n = 0; n < shown[i + 1]; ++n) {
              all.record(histogram_layout::highest_of(static_cast<std::size_t>(shown[i])));
            }
          }
          if (total > 0) held = all.snapshot();
        }
      });
}

}  // namespace

template <typename Record, typename V>
requires Of<V, RunPlace>
void describe(Record& record, V& place) {
  record.field("number", place.number);
  named(record, "phase", place.phase, std::array<std::string_view, 2>{"aa", "pair"});
  record.field("pair", place.pair);
  named(record, "side", place.side, std::array<std::string_view, 2>{"baseline", "candidate"});
  record.field("is_second", place.is_second);
}

template <typename Record, typename V>
requires Of<V, Outcomes>
void describe(Record& record, V& outcomes) {
  record.field("sent", outcomes.sent);
  through(
      record, "by_status", outcomes, std::map<std::string, std::uint64_t>(),
      [](const auto& held, auto& shown) {
        for (const auto& [status, count] : held.by_status) shown[std::to_string(status)] = count;
      },
      [](const auto& shown, auto& held) {
        if constexpr (Record::reads) {
          for (const auto& [status, count] : shown) {
            held.by_status[static_cast<std::uint16_t>(std::strtoul(status.c_str(), nullptr, 10))] = count;
          }
        }
      });
  through(
      record, "lost", outcomes, std::map<std::string, std::uint64_t>(),
      [](const auto& held, auto& shown) {
        for (std::size_t i = 0; i < loss_reason_count; ++i) {
          if (held.lost[i] != 0) shown[std::string(to_string(static_cast<LossReason>(i)))] = held.lost[i];
        }
      },
      [](const auto& shown, auto& held) {
        if constexpr (Record::reads) {
          for (std::size_t i = 0; i < loss_reason_count; ++i) {
            const auto found = shown.find(std::string(to_string(static_cast<LossReason>(i))));
            if (found != shown.end()) held.lost[i] = found->second;
          }
        }
      });
  histogram(record, "latency_ns", outcomes.latency);
  histogram(record, "service_latency_ns", outcomes.service_latency);
}

template <typename Record, typename V>
requires Of<V, ComparisonCounts>
void describe(Record& record, V& counts) {
  record.field("compared", counts.compared);
  record.field("different", counts.different);
  record.field("status_mismatches", counts.status_mismatches);
  record.field("header_mismatches", counts.header_mismatches);
  record.field("body_mismatches", counts.body_mismatches);
  record.field("not_comparable", counts.not_comparable);
}

template <typename Record, typename V>
requires Of<V, LoadFigures>
void describe(Record& record, V& load) {
  record.field("planned", load.planned);
  record.field("outcomes", load.outcomes);
  histogram(record, "lateness_ns", load.lateness);
  histogram(record, "wait_ns", load.wait);
  record.field("connections_opened", load.connections_opened);
  record.field("bytes_out", load.bytes_out);
  record.field("bytes_in", load.bytes_in);
  record.field("comparison", load.comparison);
}

template <typename Record, typename V>
requires Of<V, RouteResult>
void describe(Record& record, V& route) {
  record.field("name", route.name);
  record.field("outcomes", route.outcomes);
  record.field("comparison", route.comparison);
}

template <typename Record, typename V>
requires Of<V, NamedCount>
void describe(Record& record, V& named_count) {
  record.field("name", named_count.name);
  record.field("count", named_count.count);
}

template <typename Record, typename V>
requires Of<V, SeriesPoint>
void describe(Record& record, V& point) {
  record.field("second", point.second);
  record.field("seconds", point.seconds);
  record.field("target_rate", point.target_rate);
  record.field("due", point.due);
  record.field("sent", point.sent);
  record.field("completed", point.completed);
  record.field("errors", point.errors);
  record.field("latency_p50_ns", point.latency_p50);
  record.field("latency_p99_ns", point.latency_p99);
  record.field("lateness_p99_ns", point.lateness_p99);
}

template <typename Record, typename V>
requires Of<V, RunResult>
void describe(Record& record, V& result) {
  record.field("target", result.identity.target);
  record.field("pacing", result.identity.pacing);
  named(record, "end", result.end, std::array<std::string_view, 4>{"whole", "interrupted", "aborted", "failed"});
  record.field("end_reason", result.end_reason);
  duration(record, "duration_ns", result.duration);
  record.field("target_rate", result.target_rate);
  record.field("load", result.load);
  record.field("routes", result.routes);
  record.field("held_back", result.held_back);
  record.field("series", result.series);
  record.field("saturated", result.generator.saturated);
  record.field("saturated_reason", result.generator.reason);
}

template <typename Record, typename V>
requires Of<V, RecordedSample>
void describe(Record& record, V& sample) {
  record.field("second", sample.second);
  record.field("seconds", sample.seconds);
  metrics(record, "values", sample.values);
}

template <typename Record, typename V>
requires Of<V, RecordedPlan>
void describe(Record& record, V& plan) {
  record.field("text", plan.text);
  record.field("error", plan.error);
}

template <typename Record, typename V>
requires Of<V, RecordedClass>
void describe(Record& record, V& query_class) {
  record.field("id", query_class.id);
  record.field("query", query_class.query);
  metrics(record, "values", query_class.values);
  record.field("plan", query_class.plan);
  record.field("routes", query_class.routes);
}

template <typename Record, typename V>
requires Of<V, RecordedCounter>
void describe(Record& record, V& counter) {
  record.field("name", counter.name);
  record.field("available", counter.available);
  record.field("worth", counter.worth);
  record.field("problem", counter.problem);
}

template <typename Record, typename V>
requires Of<V, RecordedDatabase>
void describe(Record& record, V& database) {
  record.field("version", database.version);
  record.field("settings", database.settings);
  record.field("data_bytes", database.data_bytes);
  record.field("cache_bytes", database.cache_bytes);
  record.field("device", database.device);
  record.field("seconds", database.seconds);
  metrics(record, "values", database.values);
  record.field("classes", database.classes);
  record.field("samples", database.samples);
  record.field("counters", database.counters);
  record.field("locks", database.locks);
  record.field("burst_balance", database.burst_balance);
  record.field("attribution", database.attribution);
  record.field("warnings", database.warnings);
}

template <typename Record, typename V>
requires Of<V, RunRecord>
void describe(Record& record, V& run) {
  record.field("place", run.place);
  through(
      record, "started_at", run, std::string(),
      [](const auto& held, std::string& shown) { append_rfc3339(shown, held.started_at); },
      [&](const std::string& shown, auto& held) {
        if constexpr (Record::reads) {
          const auto time = parse_rfc3339(shown);
          if (!time) return record.refuse("started_at");
          held.started_at = *time;
        }
      });
  record.field("excluded_seconds", run.excluded_seconds);
  record.field("invalid", run.invalid);
  record.field("build_version", run.build_version);
  record.field("build_timestamp", run.build_timestamp);
  record.field("result", run.result);
  record.field("database", run.database);
}

std::string to_json(const RunRecord& record) {
  RecordWriter writer;
  writer.json().begin_object();
  writer.field("schema", record_schema);
  describe(writer, record);
  writer.json().end_object();
  return writer.take();
}

Result<RunRecord> read_run_record(std::string_view what, std::string_view text) {
  JsonArena arena;
  const boost::json::value* value = arena.parse(text);
  if (value == nullptr) return fail(ExitCode::configuration, fmt::format("{} is damaged: it is no JSON", what));
  RecordReader reader(*value);
  int schema = 0;
  RunRecord record;
  reader.field("schema", schema);
  if (reader.problem().empty() && schema != record_schema) reader.refuse("schema");
  describe(reader, record);
  if (!reader.problem().empty()) {
    return fail(
        ExitCode::configuration,
        fmt::format("{} is not a run of this version: '{}' is missing or is something else", what, reader.problem()));
  }
  return record;
}

}  // namespace understudy
