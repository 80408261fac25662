#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "replay/database/observation.hpp"
#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

constexpr std::size_t shown_query_size_max = 160;
constexpr std::size_t shown_relations_max = 8;
constexpr std::size_t shown_waits_max = 5;
constexpr std::size_t shown_minutes_max = 60;

// One line, cut where it is long, safe on a terminal.
std::string shown(std::string_view text, std::size_t size_max) {
  std::string line;
  bool is_space = false;
  for (const char c : text) {
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      is_space = !line.empty();
      continue;
    }
    if (is_space) line += ' ';
    is_space = false;
    line += c;
    if (line.size() >= size_max) {
      line += "...";
      break;
    }
  }
  std::string safe;
  append_printable(safe, line);
  return safe;
}

std::string bytes_of(double bytes) { return bytes_text(static_cast<std::uint64_t>(std::max(bytes, 0.0))); }

std::string milliseconds_of(double ms) { return duration_text(Nanoseconds(static_cast<std::int64_t>(ms * 1e6))); }

void add_head(std::string& out, const Observation& observation) {
  const DatabaseSettings& settings = observation.settings;
  out += fmt::format("{}\nPostgreSQL {}; {} of data, {} of shared_buffers", observation.server, settings.version_text,
                     bytes_text(settings.database_size), bytes_text(settings.shared_buffers));
  if (settings.cache_ratio() > 0) out += fmt::format(" ({:.1f} to 1)", settings.cache_ratio());
  out += fmt::format("\nObserved for {}\n\n", duration_text(observation.duration));
  if (observation.interrupted) {
    out += fmt::format("The observation was cut short: {}\n\n", observation.interrupted->message);
  }
  for (const std::string& warning : observation.warnings) out += fmt::format("Caution: {}\n", warning);
  if (!observation.warnings.empty()) out += "\n";
}

void add_figure(std::string& out, std::string_view name, const std::optional<SourcedFigure>& figure, bool is_bytes,
                double seconds) {
  if (!figure) {
    out += fmt::format("  {:<17} {:>14}  no source counts them here\n", name, "-");
    return;
  }
  const double a_second = seconds > 0 ? figure->value / seconds : 0;
  const std::string value = is_bytes ? bytes_of(a_second) + "/s" : rate_text(a_second);
  out += fmt::format("  {:<17} {:>14}  {}\n", name, value, name_of(figure->source));
}

void add_figures(std::string& out, const Observation& observation) {
  const double seconds = observation.seconds();
  out += "Totals\n";
  add_figure(out, "Disk reads", observation.read_operations(), false, seconds);
  add_figure(out, "Disk read bytes", observation.read_bytes(), true, seconds);
  add_figure(out, "Disk writes", observation.write_operations(), false, seconds);
  add_figure(out, "Disk write bytes", observation.write_bytes(), true, seconds);
  add_figure(out, "Blocks read", observation.blocks_read(), false, seconds);
  if (observation.totals.statements) {
    add_figure(
        out, "Calls",
        SourcedFigure{static_cast<double>(observation.totals.statements->calls), CounterSource::pg_stat_statements},
        false, seconds);
  }
  if (observation.totals.database) {
    add_figure(
        out, "Commits",
        SourcedFigure{static_cast<double>(observation.totals.database->commits), CounterSource::pg_stat_database},
        false, seconds);
  }
  out += "\n";
}

void add_class(std::string& out, const QueryClass& item) {
  const auto calls = static_cast<double>(std::max<std::int64_t>(item.counters.calls, 1));
  out += fmt::format(
      "  {:>8} {:>10} {:>12} {:>10.1f} {:>10.1f} {:>12}  {}\n", share_text(item.read_share),
      count_text(static_cast<std::uint64_t>(item.counters.calls)), milliseconds_of(item.counters.execution_ms / calls),
      static_cast<double>(item.counters.rows) / calls, static_cast<double>(item.counters.blocks_read) / calls,
      item.counters.device_read_bytes ? bytes_of(static_cast<double>(*item.counters.device_read_bytes) / calls) : "-",
      item.key);
  out += fmt::format("           {}\n", shown(item.text, shown_query_size_max));
  if (item.logged) {
    out += fmt::format("           logged: p50 {}, p95 {}, p99 {}, at most {}\n", milliseconds_of(item.logged->p50),
                       milliseconds_of(item.logged->p95), milliseconds_of(item.logged->p99),
                       milliseconds_of(item.logged->max));
  }
}

void add_plan(std::string& out, const QueryClass& item) {
  if (!item.plan) return;
  out += fmt::format("  {} {}\n", item.key, shown(item.text, 80));
  if (!item.plan->error.empty()) {
    out += fmt::format("    no plan: {}\n", shown(item.plan->error, 300));
    return;
  }
  std::string_view text = item.plan->text;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string safe;
    append_printable(safe, text.substr(0, end));
    out += "    " + safe + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void add_classes(std::string& out, const Observation& observation, std::size_t classes_max) {
  if (observation.classes.empty()) return;
  const std::size_t count = std::min(classes_max, observation.classes.size());
  out += fmt::format("Query classes, {} of {}, by share of {}\n", count, observation.classes.size(),
                     observation.share_source == CounterSource::pg_stat_kcache
                         ? "device bytes (pg_stat_kcache)"
                         : "blocks read (pg_stat_statements), which is not the disk's");
  out += fmt::format("  {:>8} {:>10} {:>12} {:>10} {:>10} {:>12}  {}\n", "share", "calls", "mean time", "rows/call",
                     "read/call", "bytes/call", "class");
  for (std::size_t i = 0; i < count; ++i) add_class(out, observation.classes[i]);
  out += "\n";
  const bool has_plans =
      std::ranges::any_of(observation.classes.begin(), observation.classes.begin() + static_cast<std::ptrdiff_t>(count),
                          [](const QueryClass& item) { return item.plan.has_value(); });
  if (!has_plans) return;
  out += "Generic plans\n";
  for (std::size_t i = 0; i < count; ++i) add_plan(out, observation.classes[i]);
  out += "\n";
}

void add_tables(std::string& out, const Observation& observation) {
  std::vector<std::pair<std::int64_t, const TableMap::value_type*>> by_reads;
  for (const auto& table : observation.tables) {
    const TableCounters& c = table.second;
    by_reads.emplace_back(c.heap_blocks_read + c.index_blocks_read + c.toast_blocks_read, &table);
  }
  if (by_reads.empty()) return;
  std::ranges::stable_sort(by_reads, std::ranges::greater{}, [](const auto& entry) { return entry.first; });
  out += fmt::format("Tables\n  {:>12} {:>12} {:>10} {:>14} {:>12}\n", "blocks read", "of indexes", "seq scans",
                     "rows by those", "index scans");
  for (std::size_t i = 0; i < std::min(by_reads.size(), shown_relations_max); ++i) {
    const auto& [name, c] = *by_reads[i].second;
    out += fmt::format("  {:>12} {:>12} {:>10} {:>14} {:>12}  {}\n", by_reads[i].first, c.index_blocks_read,
                       c.sequential_scans, c.sequential_rows, c.index_scans, shown(name, shown_query_size_max));
  }
  out += "\n";
}

void add_lock_waits(std::string& out, const Observation& observation) {
  if (observation.lock_waits.empty()) return;
  out += "Lock waits\n";
  for (std::size_t i = 0; i < std::min(observation.lock_waits.size(), shown_waits_max); ++i) {
    const LockWait& wait = observation.lock_waits[i];
    out += fmt::format("  seen {} times, {} at most: {} on {} waits for {}\n", wait.seen,
                       milliseconds_of(wait.longest_ms), wait.waiting_key,
                       wait.relation.empty() ? wait.mode : fmt::format("{} of {}", wait.mode, shown(wait.relation, 80)),
                       wait.blocking_key.empty() ? "something unknown" : wait.blocking_key);
  }
  out += "\n";
}

void add_cloudwatch_points(std::string& out, const Observation& observation) {
  if (observation.cloudwatch.empty()) return;
  const auto shown_value = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.1f}", *value) : std::string("-");
  };
  out +=
      fmt::format("CloudWatch, minute by minute\n  {:>12} {:>12} {:>14}\n", "ReadIOPS", "WriteIOPS", "BurstBalance %");
  for (std::size_t i = 0; i < std::min(observation.cloudwatch.size(), shown_minutes_max); ++i) {
    const CloudWatchPoint& point = observation.cloudwatch[i];
    out += fmt::format("  {:>12} {:>12} {:>14}\n", shown_value(point.read_iops), shown_value(point.write_iops),
                       shown_value(point.burst_balance));
  }
  out += "\n";
}

void add_sources(std::string& out, const Observation& observation) {
  out += "Sources, and what they are worth\n";
  for (const SourceReport& report : observation.sources) {
    if (report.state == SourceState::unasked) continue;
    const bool is_missing = report.state == SourceState::missing;
    out += fmt::format("  {:<8} {:<29} {}\n", name_of(report.state), name_of(report.source),
                       is_missing ? shown(report.note, 300) : std::string(worth_of(report.source)));
    if (!is_missing && !report.note.empty()) out += fmt::format("  {:<38} {}\n", "", shown(report.note, 300));
  }
}

}  // namespace

std::string to_text(const Observation& observation, std::size_t classes_max) {
  std::string out;
  add_head(out, observation);
  add_figures(out, observation);
  add_classes(out, observation, classes_max);
  add_tables(out, observation);
  add_lock_waits(out, observation);
  add_cloudwatch_points(out, observation);
  add_sources(out, observation);
  return out;
}

}  // namespace understudy
