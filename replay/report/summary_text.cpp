// The end of a run in a page: what was asked for first, then what it rests on.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "replay/report/reports.hpp"
#include "traffic/base/json_text.hpp"
#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

constexpr std::size_t statuses_told = 12;

std::string printable(std::string_view text) {
  std::string out;
  append_printable(out, text);
  return out;
}

std::string ns_text(std::uint64_t ns) { return duration_text(Nanoseconds(static_cast<std::int64_t>(ns))); }

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

class Summary {
 public:
  explicit Summary(const RunResult& result) : result_(result) {}

  std::string text() {
    verdict();
    objectives();
    warnings();
    out_ += '\n';
    load();
    latencies();
    outcomes();
    differences();
    left_out();
    recording();
    return std::move(out_);
  }

 private:
  template <typename... Values>
  void line(std::string_view label, fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(out_), "{:<11}", label);
    fmt::format_to(std::back_inserter(out_), format, std::forward<Values>(values)...);
    out_ += '\n';
  }

  void verdict() {
    const auto passed = std::count_if(result_.objectives.begin(), result_.objectives.end(),
                                      [](const auto& objective) { return objective.state == ObjectiveState::passed; });
    const std::string share = fmt::format("{} of {} objectives passed", passed, result_.objectives.size());
    switch (result_.verdict.kind) {
      case VerdictKind::passed: return line("PASS", "{}", share);
      case VerdictKind::failed: return line("FAIL", "{}", share);
      case VerdictKind::inconclusive: return line("UNDECIDED", "{}", share);
      case VerdictKind::aborted: return line("ABORTED", "{}", printable(result_.end_reason));
      case VerdictKind::none: return line("DONE", "no objectives were given");
    }
  }

  void objectives() {
    for (const ObjectiveResult& objective : result_.objectives) {
      const std::string_view word = objective.state == ObjectiveState::passed   ? "pass"
                                    : objective.state == ObjectiveState::failed ? "FAIL"
                                                                                : "?";
      const std::string_view told =
          objective.state == ObjectiveState::not_decidable ? objective.reason : objective.measured;
      fmt::format_to(std::back_inserter(out_), "  {:<4} fail if {:<28} {}\n", word, printable(objective.text),
                     printable(told));
    }
  }

  void warnings() {
    if (result_.generator.saturated) {
      line("WARNING", "the generator was the bottleneck: {}", printable(result_.generator.reason));
    }
    if (result_.end == RunEnd::interrupted || result_.end == RunEnd::failed) {
      line("WARNING", "ended early: {}", printable(result_.end_reason));
    }
    const auto told_above = [this](const std::string& reason) {
      return reason == result_.generator.reason ||
             (!result_.end_reason.empty() && reason.ends_with(result_.end_reason)) ||
             std::any_of(result_.objectives.begin(), result_.objectives.end(),
                         [&](const ObjectiveResult& objective) { return reason.starts_with(objective.text + ": "); });
    };
    for (const std::string& reason : result_.verdict.reasons) {
      if (!told_above(reason)) line("", "{}", printable(reason));
    }
  }

  void load() {
    line("Target", "{}", printable(result_.identity.target));
    if (!result_.identity.baseline.empty()) line("Baseline", "{}", printable(result_.identity.baseline));
    line("Load", "{}", printable(result_.identity.pacing));
    const double achieved = result_.achieved_rate();
    const std::string counts =
        fmt::format("{} requests in {}", count_text(result_.load.outcomes.sent), duration_text(result_.duration));
    if (result_.target_rate && *result_.target_rate > 0) {
      line("Rate", "{} of {} ({}), {}", rate_text(achieved), rate_text(*result_.target_rate),
           share_text(achieved / *result_.target_rate), counts);
    } else {
      line("Rate", "{}, {}", rate_text(achieved), counts);
    }
    line("Generator", "{}", generator_text());
    line("Traffic", "{} sent, {} received, {} connections opened", bytes_text(result_.load.bytes_out),
         bytes_text(result_.load.bytes_in), count_text(result_.load.connections_opened));
  }

  std::string generator_text() const {
    const HistogramSnapshot& late = result_.load.lateness;
    std::string text = "no due times to be late for";
    if (late.count() != 0) {
      text = fmt::format("itself late by p50 {}, p99 {}, max {}", ns_text(late.quantile(0.5)),
                         ns_text(late.quantile(0.99)), ns_text(late.maximum()));
    }
    std::vector<std::string> cpu;
    for (const double used : result_.generator.sender_cpu) cpu.push_back(share_text(used));
    if (!cpu.empty()) {
      text += fmt::format("; sender threads at {} of a core{}", fmt::join(cpu, ", "),
                          result_.generator.spinning ? ", polling on purpose" : "");
    }
    return text;
  }

  void latencies() {
    line("Latency", "{:<10}{:>9}{:>10}{:>10}{:>10}{:>10}{:>10}", "", "p50", "p90", "p99", "p99.9", "max", "mean");
    latency("from due", result_.load.outcomes.latency);
    latency("from sent", result_.load.outcomes.service_latency);
    if (result_.baseline) latency("baseline", result_.baseline->outcomes.latency);
    if (result_.load.wait.quantile(0.99) > 0) latency("waited", result_.load.wait);
  }

  void latency(std::string_view name, const HistogramSnapshot& latency) {
    if (latency.count() == 0) return line("", "{:<10}{:>9}", name, "-");
    line("", "{:<10}{:>9}{:>10}{:>10}{:>10}{:>10}{:>10}", name, ns_text(latency.quantile(0.5)),
         ns_text(latency.quantile(0.9)), ns_text(latency.quantile(0.99)), ns_text(latency.quantile(0.999)),
         ns_text(latency.maximum()), duration_text(Nanoseconds(static_cast<std::int64_t>(latency.mean()))));
  }

  void outcomes() {
    const Outcomes& outcomes = result_.load.outcomes;
    std::vector<std::string> classes;
    for (unsigned hundreds = 1; hundreds <= 5; ++hundreds) {
      const std::uint64_t count = outcomes.of_class(hundreds);
      if (count != 0) classes.push_back(fmt::format("{}xx {}", hundreds, count_text(count)));
    }
    classes.push_back(fmt::format("lost {}", count_text(outcomes.lost_total())));
    line("Outcomes", "{}; errors {} ({})", fmt::join(classes, ", "), count_text(outcomes.errors()),
         share_text(share(outcomes.errors(), outcomes.finished())));
    statuses();
    std::vector<std::string> reasons;
    for (std::size_t i = 0; i < loss_reason_count; ++i) {
      const auto reason = static_cast<LossReason>(i);
      if (outcomes.lost[i] != 0)
        reasons.push_back(fmt::format("{} {}", to_string(reason), count_text(outcomes.lost[i])));
    }
    if (!reasons.empty()) line("Lost", "{}", fmt::join(reasons, ", "));
  }

  void statuses() {
    std::vector<std::pair<std::uint64_t, std::uint16_t>> by_count;
    for (const auto& [status, count] : result_.load.outcomes.by_status) by_count.emplace_back(count, status);
    if (by_count.size() < 2) return;
    std::stable_sort(by_count.begin(), by_count.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<std::string> texts;
    for (const auto& [count, status] : by_count) {
      if (texts.size() == statuses_told) {
        texts.push_back(fmt::format("and {} others", by_count.size() - statuses_told));
        break;
      }
      texts.push_back(status == 0 ? "unknown " + count_text(count) : fmt::format("{} {}", status, count_text(count)));
    }
    line("Statuses", "{}", fmt::join(texts, ", "));
  }

  void differences() {
    const ComparisonCounts& counts = result_.load.comparison;
    if (counts.compared == 0 && counts.not_comparable == 0) return;
    line("Compared", "{} pairs: {} differ ({}), {} in status{}", count_text(counts.compared),
         count_text(counts.different), share_text(share(counts.different, counts.compared)),
         count_text(counts.status_mismatches),
         counts.not_comparable == 0 ? "" : fmt::format("; {} not comparable", count_text(counts.not_comparable)));
    std::string_view rest = result_.differences_text;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      line("", "{}", printable(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  void left_out() {
    if (!result_.held_back.empty()) {
      std::vector<std::string> reasons;
      for (const NamedCount& reason : result_.held_back) {
        reasons.push_back(fmt::format("{} {}", printable(reason.name), count_text(reason.count)));
      }
      line("Held back", "{} requests were not sent: {}", count_text(result_.held_back_total()),
           fmt::join(reasons, ", "));
    }
    if (result_.excluded != 0) {
      line("Left out", "{} requests of the warm-up ({}) and the cool-down ({})", count_text(result_.excluded),
           duration_text(result_.warm_up), duration_text(result_.cool_down));
    }
  }

  void recording() {
    const RecordingReport& recording = result_.identity.recording;
    const std::string_view completeness = recording.completeness == Completeness::complete     ? "complete"
                                          : recording.completeness == Completeness::incomplete ? "not complete"
                                                                                               : "completeness unknown";
    std::string text =
        fmt::format("{} exchanges of {} {} ({}), {}", count_text(recording.exchanges), count_text(recording.files),
                    recording.files == 1 ? "file" : "files", printable(recording.format), completeness);
    if (recording.damages != 0) text += fmt::format(", {} damaged stretches", count_text(recording.damages));
    if (recording.ledger && recording.ledger->lost_total() != 0) {
      text += fmt::format(", {} requests lost when it was made", count_text(recording.ledger->lost_total()));
    }
    line("Recording", "{}", text);
  }

  const RunResult& result_;
  std::string out_;
};

}  // namespace

std::string summary_text(const RunResult& result) { return Summary(result).text(); }

}  // namespace understudy
