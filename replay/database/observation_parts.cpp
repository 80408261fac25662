#include "replay/database/observation_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "replay/database/plans.hpp"
#include "replay/store/aws_credentials.hpp"
#include "traffic/base/process_environment.hpp"
#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

// Below so much, what the kernel reads for itself is a large part.
constexpr std::uint64_t compared_bytes_min = std::uint64_t{4} << 20U;
constexpr double others_share_max = 0.2;

double percentile(const std::vector<float>& sorted, double share) {
  if (sorted.empty()) return 0;
  const double rank = std::ceil(share * static_cast<double>(sorted.size()));  // nearest rank, from 1
  const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return static_cast<double>(sorted[std::min(index, sorted.size() - 1)]);
}

}  // namespace

std::vector<std::int64_t> changed_statements(const std::optional<StatementsSnapshot>& before,
                                             const StatementsSnapshot& after) {
  std::set<std::int64_t> ids;
  for (const auto& [key, counters] : after.rows) {
    if (before) {
      const auto earlier = before->rows.find(key);
      if (earlier != before->rows.end() && earlier->second.calls == counters.calls) continue;
    }
    ids.insert(key.query_id);
  }
  return {ids.begin(), ids.end()};
}

bool is_asked_of_server(CounterSource source) {
  switch (source) {
    case CounterSource::device:
    case CounterSource::process_io:
    case CounterSource::cgroup_io:
    case CounterSource::query_log:
    case CounterSource::cloudwatch:
    case CounterSource::lock_waits: return false;
    default: return true;
  }
}

void add_plans(DatabaseConnection& connection, std::size_t plans_max, Observation& observation) {
  std::vector<QueryClass*> by_time;
  for (QueryClass& item : observation.classes) by_time.push_back(&item);
  std::ranges::stable_sort(by_time, std::ranges::greater{},
                           [](const QueryClass* item) { return item->counters.execution_ms; });
  by_time.resize(std::min(plans_max, by_time.size()));
  for (std::size_t i = 0; i < observation.classes.size(); ++i) {
    QueryClass& item = observation.classes[i];
    const bool is_wanted = i < plans_max || std::ranges::count(by_time, &item) > 0;
    if (is_wanted && connection.is_alive()) item.plan = explain_generic(connection, item.text);
  }
}

void check_device_is_private(Observation& observation) {
  const auto& device = observation.totals.device;
  const auto& server = observation.totals.process_io;
  if (!device || !server || device->read_bytes < compared_bytes_min) return;
  const auto whole = static_cast<double>(device->read_bytes);
  const double others = whole - static_cast<double>(server->read_bytes);
  if (others <= others_share_max * whole) return;
  observation.warnings.push_back(
      fmt::format("{} were read from {}, by the server's processes only {}: something else uses the device, and its "
                  "figures are not the database's alone.",
                  bytes_text(device->read_bytes), observation.device->name, bytes_text(server->read_bytes)));
}

void add_cloudwatch(const CloudWatchOptions& options, const Clock& clock, Observation& observation) {
  auto credentials = find_aws_credentials({}, read_process_environment);
  auto points = credentials ? fetch_cloudwatch(options, *credentials, observation.started_at,
                                               observation.started_at + observation.duration, clock)
                            : tl::unexpected(credentials.error());
  if (!points) {
    report_source(observation.sources, CounterSource::cloudwatch, SourceState::missing, points.error().message);
    return;
  }
  observation.cloudwatch = std::move(*points);
  if (observation.cloudwatch.empty()) {
    report_source(observation.sources, CounterSource::cloudwatch, SourceState::missing,
                  "CloudWatch has no minute of the run yet; data comes a minute or two late.");
  }
}

void LogTimes::take(const LoggedStatement& statement) {
  ++statements_;
  std::string key;
  const auto known = statement.query_id == 0 ? keys_.end() : keys_.find(statement.query_id);
  if (known != keys_.end()) {
    key = known->second;
  } else {
    key = class_key(statement.text, statement.query_id);
    if (statement.query_id != 0 && keys_.size() < classes_max) keys_.emplace(statement.query_id, key);
  }
  if (classes_.size() >= classes_max && !classes_.contains(key)) key.clear();
  Times& times = classes_[key];
  const double ms = std::chrono::duration<double, std::milli>(statement.duration).count();
  ++times.count;
  times.sum += ms;
  times.max = std::max(times.max, ms);
  if (times.samples.size() < samples_max && samples_total_ < samples_total_max) {
    times.samples.push_back(static_cast<float>(ms));
    ++samples_total_;
  }
}

QueryLogSummary LogTimes::summary(std::uint64_t skipped) {
  QueryLogSummary summary;
  summary.statements = statements_;
  summary.skipped = skipped;
  for (auto& [key, times] : classes_) {
    std::ranges::sort(times.samples);
    summary.classes[key] = {times.count,
                            times.sum / static_cast<double>(times.count),
                            percentile(times.samples, 0.5),
                            percentile(times.samples, 0.95),
                            percentile(times.samples, 0.99),
                            times.max};
  }
  return summary;
}

}  // namespace understudy
