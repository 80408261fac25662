#include "replay/verdict/part_verdicts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <set>
#include <utility>

#include "replay/verdict/metric_comparison.hpp"
#include "replay/verdict/verdict_text.hpp"
#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

// Finds a part's values in a run; null where the run has no such part.
using FindPart = std::function<const MeasuredValues*(const MeasuredRun&)>;

enum class Absence : std::uint8_t { zero, missing };

// A part that a run lacks did nothing there; a duration or share that it lacks was not measured.
[[nodiscard]] std::optional<double> value_of(const MeasuredValues* values, Metric metric, Absence absence) {
  if (values != nullptr) {
    if (const auto found = values->values.find(metric); found != values->values.end()) return found->second;
  }
  if (absence == Absence::zero && metric_info(metric).unit == MetricUnit::a_second) return 0.0;
  return std::nullopt;
}

[[nodiscard]] double scale_of(const MeasuredRun& run, const MeasuredValues* values, Metric metric) {
  switch (metric_info(metric).unit) {
    case MetricUnit::a_second: return run.duration_seconds;
    case MetricUnit::share: return values == nullptr ? 0 : values->requests;
    case MetricUnit::milliseconds: break;
  }
  return 1;
}

[[nodiscard]] std::optional<PairedValue> paired(const MeasuredPair& pair, const FindPart& find, Metric metric,
                                                Absence absence) {
  const MeasuredValues* baseline = find(pair.baseline);
  const MeasuredValues* candidate = find(pair.candidate);
  const auto b = value_of(baseline, metric, absence);
  const auto c = value_of(candidate, metric, absence);
  if (!b || !c) return std::nullopt;
  return PairedValue{*b, *c, scale_of(pair.baseline, baseline, metric), scale_of(pair.candidate, candidate, metric)};
}

[[nodiscard]] MetricSample sample(Metric metric, const std::vector<MeasuredPair>& noise_pairs,
                                  const std::vector<MeasuredPair>& pairs, const FindPart& find, Absence absence) {
  MetricSample result;
  result.metric = metric;
  for (const MeasuredPair& pair : pairs) {
    if (const auto values = paired(pair, find, metric, absence)) {
      result.pairs.push_back(*values);
    } else {
      ++result.missing;
    }
  }
  for (const MeasuredPair& pair : noise_pairs) {
    if (const auto values = paired(pair, find, metric, absence)) result.noise_pairs.push_back(*values);
  }
  return result;
}

// Everything about one part that is found under a name.
struct Part {
  std::string id;
  std::string name;
  FindPart find;
  std::set<Metric> metrics;
  std::array<bool, 2> present{};  // by side
};

template <typename Item>
[[nodiscard]] const Item* find_item(const std::vector<Item>& items, std::string Item::*key, const std::string& id) {
  const auto found = std::ranges::find_if(items, [&](const Item& item) { return item.*key == id; });
  return found == items.end() ? nullptr : &*found;
}

template <typename Item>
[[nodiscard]] std::vector<Part> parts_of(const std::vector<MeasuredPair>& pairs, std::vector<Item> MeasuredRun::*items,
                                         std::string Item::*key, std::string Item::*text) {
  std::map<std::string, Part> parts;
  for (const MeasuredPair& pair : pairs) {
    for (const MeasuredRun* run : {&pair.baseline, &pair.candidate}) {
      for (const Item& item : run->*items) {
        Part& part = parts[item.*key];
        part.id = item.*key;
        part.name = item.*text;
        part.present.at(static_cast<std::size_t>(run == &pair.candidate)) = true;
        for (const auto& [metric, value] : item.measured.values) part.metrics.insert(metric);
      }
    }
  }
  std::vector<Part> list;
  for (auto& [id, part] : parts) {
    part.find = [items, key, id = id](const MeasuredRun& run) -> const MeasuredValues* {
      const Item* item = find_item(run.*items, key, id);
      return item == nullptr ? nullptr : &item->measured;
    };
    list.push_back(std::move(part));
  }
  return list;
}

// Sums of all parts, as means over the pairs.
struct Totals {
  std::map<Metric, std::pair<double, double>> by_metric;  // baseline, candidate

  [[nodiscard]] double smaller(Metric metric) const {
    const auto found = by_metric.find(metric);
    return found == by_metric.end() ? 0 : std::min(found->second.first, found->second.second);
  }
};

[[nodiscard]] Totals totals_of(const std::vector<Part>& parts, const std::vector<MeasuredPair>& pairs) {
  Totals totals;
  const double each = pairs.empty() ? 0 : 1 / static_cast<double>(pairs.size());
  for (const Part& part : parts) {
    for (const Metric metric : part.metrics) {
      if (metric_info(metric).unit != MetricUnit::a_second) continue;
      auto& [baseline, candidate] = totals.by_metric[metric];
      for (const MeasuredPair& pair : pairs) {
        baseline += each * value_of(part.find(pair.baseline), metric, Absence::zero).value_or(0);
        candidate += each * value_of(part.find(pair.candidate), metric, Absence::zero).value_or(0);
      }
    }
  }
  return totals;
}

// Judges all parts: their headline metrics are one family, the others another.
class PartsJudge {
 public:
  PartsJudge(const std::vector<MeasuredPair>& noise_pairs, const std::vector<MeasuredPair>& pairs,
             const VerdictMethod& method, bool (*is_headline)(Metric))
      : noise_pairs_(noise_pairs), pairs_(pairs), method_(method), is_headline_(is_headline) {}

  [[nodiscard]] std::vector<PartVerdict> judge(const std::vector<Part>& parts) {
    const Totals totals = totals_of(parts, pairs_);
    ComparisonFamily headline(method_);
    ComparisonFamily others(method_);
    std::vector<std::vector<std::pair<ComparisonFamily*, std::size_t>>> places(parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const bool both = parts[i].present[0] && parts[i].present[1];
      for (const Metric metric : parts[i].metrics) {
        MetricSample values = sample(metric, noise_pairs_, pairs_, parts[i].find, Absence::zero);
        values.headline = is_headline_(metric);
        values.smaller_total = totals.smaller(metric);
        ComparisonFamily& family = values.headline && both ? headline : others;
        places[i].emplace_back(&family, family.add(values));
      }
    }
    const auto headline_results = headline.judge();
    const auto other_results = others.judge();
    std::vector<PartVerdict> verdicts;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      PartVerdict verdict;
      verdict.id = parts[i].id;
      verdict.name = parts[i].name;
      if (!parts[i].present[0]) verdict.presence = ClassPresence::appeared;
      if (!parts[i].present[1]) verdict.presence = ClassPresence::vanished;
      for (const auto& [family, place] : places[i]) {
        verdict.metrics.push_back(family == &headline ? headline_results[place] : other_results[place]);
      }
      set_shares(parts[i], totals, verdict);
      verdicts.push_back(std::move(verdict));
    }
    return verdicts;
  }

 private:
  void set_shares(const Part& part, const Totals& totals, PartVerdict& verdict) const {
    static constexpr std::array preferred = {Metric::device_read_bytes, Metric::blocks_read, Metric::blocks_touched,
                                             Metric::database_time};
    for (const Metric metric : preferred) {
      const auto total = totals.by_metric.find(metric);
      if (total == totals.by_metric.end() || total->second.first + total->second.second <= 0) continue;
      verdict.share_of = metric;
      const Totals own = totals_of({part}, pairs_);
      const auto mine = own.by_metric.find(metric);
      if (mine == own.by_metric.end()) return;
      if (total->second.first > 0) verdict.baseline_share = mine->second.first / total->second.first;
      if (total->second.second > 0) verdict.candidate_share = mine->second.second / total->second.second;
      return;
    }
  }

  const std::vector<MeasuredPair>& noise_pairs_;
  const std::vector<MeasuredPair>& pairs_;
  const VerdictMethod& method_;
  bool (*is_headline_)(Metric);
};

[[nodiscard]] std::string reason_of(const MetricComparison& metric) {
  return fmt::format("{}: {}", metric_info(metric.metric).name, metric.reason);
}

// A class that only one side has cannot be compared; one that is heavy on the candidate stands out.
void judge_one_sided(const VerdictMethod& method, PartVerdict& verdict) {
  const bool appeared = verdict.presence == ClassPresence::appeared;
  const double share = appeared ? verdict.candidate_share : verdict.baseline_share;
  for (MetricComparison& metric : verdict.metrics) {
    metric.headline = false;
    metric.verdict = RehearsalVerdict::inconclusive;
    metric.reason = appeared ? "the baseline has none" : "the candidate has none";
    metric.ratio = metric.low = metric.high = metric.p_t = metric.p_sign_flip = metric.p_adjusted = std::nullopt;
  }
  verdict.reason = fmt::format("the {} has no such query", appeared ? "baseline" : "candidate");
  if (verdict.share_of) {
    verdict.reason += fmt::format("; it makes {} of the {}'s {}", share_text(share),
                                  appeared ? "candidate" : "baseline", metric_info(*verdict.share_of).name);
  }
  const bool is_of_weight = std::ranges::any_of(verdict.metrics, [](const MetricComparison& metric) {
    return is_class_headline(metric.metric) && metric.candidate > metric_info(metric.metric).negligible;
  });
  verdict.stands_out = appeared && is_of_weight && share > 5 * method.relevant_share;
}

void judge_part(PartVerdict& verdict) {
  std::size_t telling = verdict.metrics.size();
  verdict.verdict = combine(verdict.metrics, telling);
  verdict.stands_out = verdict.verdict == RehearsalVerdict::regressed;
  verdict.reason =
      telling < verdict.metrics.size() ? reason_of(verdict.metrics[telling]) : "nothing was measured of it";
}

void estimate_read_iops(const std::vector<MeasuredPair>& pairs, PartVerdict& verdict) {
  const bool by_reads =
      verdict.share_of && (*verdict.share_of == Metric::device_read_bytes || *verdict.share_of == Metric::blocks_read);
  if (!by_reads || pairs.empty()) return;
  double baseline = 0;
  double candidate = 0;
  for (const MeasuredPair& pair : pairs) {
    const auto b = value_of(&pair.baseline.total, Metric::device_reads, Absence::missing);
    const auto c = value_of(&pair.candidate.total, Metric::device_reads, Absence::missing);
    if (!b || !c) return;
    baseline += *b;
    candidate += *c;
  }
  const auto count = static_cast<double>(pairs.size());
  verdict.baseline_read_iops = verdict.baseline_share * baseline / count;
  verdict.candidate_read_iops = verdict.candidate_share * candidate / count;
}

// How much a metric says, among those of one verdict: how far the ratio is from 1.
[[nodiscard]] double weight_of(const MetricComparison& metric) {
  return metric.ratio && *metric.ratio > 0 ? std::fabs(std::log(*metric.ratio)) : 0;
}

}  // namespace

bool is_total_headline(Metric metric) {
  return metric == Metric::device_reads || metric == Metric::blocks_read || metric == Metric::database_time ||
         metric == Metric::latency_p95 || metric == Metric::errors;
}

bool is_class_headline(Metric metric) {
  return metric == Metric::device_read_bytes || metric == Metric::blocks_read || metric == Metric::blocks_touched ||
         metric == Metric::database_time;
}

bool is_route_headline(Metric metric) {
  return metric == Metric::latency_p95 || metric == Metric::errors || metric == Metric::status_mismatches;
}

RehearsalVerdict combine(const std::vector<MetricComparison>& metrics, std::size_t& telling) {
  static constexpr std::array order = {RehearsalVerdict::regressed, RehearsalVerdict::improved,
                                       RehearsalVerdict::inconclusive, RehearsalVerdict::equivalent};
  for (const RehearsalVerdict verdict : order) {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      if (!metrics[i].headline || metrics[i].verdict != verdict) continue;
      if (!found || weight_of(metrics[i]) > weight_of(metrics[*found])) found = i;
    }
    if (!found) continue;
    telling = *found;
    return verdict;
  }
  return RehearsalVerdict::inconclusive;
}

MetricSample sample_of(Metric metric, const std::vector<MeasuredPair>& noise_pairs,
                       const std::vector<MeasuredPair>& pairs) {
  return sample(
      metric, noise_pairs, pairs, [](const MeasuredRun& run) { return &run.total; }, Absence::missing);
}

std::vector<PartVerdict> judge_classes(const std::vector<MeasuredPair>& noise_pairs,
                                       const std::vector<MeasuredPair>& pairs, const VerdictMethod& method) {
  const auto parts = parts_of(pairs, &MeasuredRun::classes, &MeasuredClass::id, &MeasuredClass::query);
  auto verdicts = PartsJudge(noise_pairs, pairs, method, is_class_headline).judge(parts);
  for (PartVerdict& verdict : verdicts) {
    if (verdict.presence == ClassPresence::both) {
      judge_part(verdict);
    } else {
      judge_one_sided(method, verdict);
    }
    estimate_read_iops(pairs, verdict);
  }
  std::ranges::stable_sort(verdicts, std::ranges::greater{}, [](const PartVerdict& verdict) {
    return std::max(verdict.baseline_share, verdict.candidate_share);
  });
  return verdicts;
}

std::vector<PartVerdict> judge_routes(const std::vector<MeasuredPair>& noise_pairs,
                                      const std::vector<MeasuredPair>& pairs, const VerdictMethod& method) {
  const auto parts = parts_of(pairs, &MeasuredRun::routes, &MeasuredRoute::name, &MeasuredRoute::name);
  auto verdicts = PartsJudge(noise_pairs, pairs, method, is_route_headline).judge(parts);
  std::map<std::string, double> requests;
  for (const MeasuredPair& pair : pairs) {
    for (const MeasuredRoute& route : pair.baseline.routes) requests[route.name] += route.measured.requests;
  }
  for (PartVerdict& verdict : verdicts) judge_part(verdict);
  std::ranges::stable_sort(verdicts, std::ranges::greater{},
                           [&](const PartVerdict& verdict) { return requests[verdict.id]; });
  return verdicts;
}

}  // namespace understudy
