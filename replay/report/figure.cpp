#include "replay/report/figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

constexpr std::array<FigureName, 21> names = {{
    {"latency", FigureKind::latency, true, "",
     "from due to the end of the response; what a bare p99, mean or max is of"},
    {"latency.due", FigureKind::latency, true, "", "the same"},
    {"latency.service", FigureKind::service_latency, true, "", "from the first byte sent to the end of the response"},
    {"lateness", FigureKind::lateness, false, "", "how late the generator itself turned to a request"},
    {"wait", FigureKind::wait, false, "", "how long a request then waited for a connection or its session"},
    {"planned", FigureKind::planned, false, "", "requests that became due"},
    {"sent", FigureKind::sent, true, "planned", "requests of which a byte was sent"},
    {"completed", FigureKind::completed, true, "sent", "requests with a whole response"},
    {"count", FigureKind::count, true, "", "requests that ended, with a response or without"},
    {"errors", FigureKind::errors, true, "count", "lost requests, and responses of the class 5xx"},
    {"lost", FigureKind::lost, true, "count", "requests that ended without a whole response"},
    {"timeouts", FigureKind::lost_for, true, "count", "requests lost for timed_out"},
    {"connections", FigureKind::connections, false, "", "connections that were opened"},
    {"rate", FigureKind::rate, false, "target rate", "requests sent a second"},
    {"compared", FigureKind::compared, true, "", "pairs of responses that were compared"},
    {"different", FigureKind::different, true, "compared", "pairs with any difference that counts"},
    {"status_mismatch", FigureKind::status_mismatch, true, "compared", "pairs whose status differs"},
    {"header_mismatch", FigureKind::header_mismatch, false, "compared", "pairs whose headers differ"},
    {"body_mismatch", FigureKind::body_mismatch, false, "compared", "pairs whose bodies differ"},
    {"not_comparable", FigureKind::not_comparable, false, "compared", "requests without a pair of whole responses"},
    {"requests", FigureKind::count, true, "", "the same as count"},
}};

constexpr std::uint32_t whole_milli_percent = 100'000;

// The load of a route in the terms of the whole, with empty figures for what is not kept by route.
struct Scope {
  const Outcomes* outcomes = nullptr;
  const ComparisonCounts* comparison = nullptr;
};

std::optional<Scope> scope_of(const Figure& figure, const MeasuredLoad& from) {
  if (!figure.route) return Scope{&from.load->outcomes, &from.load->comparison};
  if (from.routes == nullptr) return std::nullopt;
  const auto found = std::find_if(from.routes->begin(), from.routes->end(),
                                  [&](const RouteResult& route) { return route.name == *figure.route; });
  if (found == from.routes->end()) return std::nullopt;
  return Scope{&found->outcomes, &found->comparison};
}

Measured unknown(const Figure& figure, std::string reason) {
  return {std::nullopt, fmt::format("{} = ?", figure.name), std::move(reason)};
}

const HistogramSnapshot& histogram_of(const Figure& figure, const Scope& scope, const MeasuredLoad& from) {
  switch (figure.kind) {
    case FigureKind::service_latency: return scope.outcomes->service_latency;
    case FigureKind::lateness: return from.load->lateness;
    case FigureKind::wait: return from.load->wait;
    default: return scope.outcomes->latency;
  }
}

Measured measure_duration(const Figure& figure, const HistogramSnapshot& histogram) {
  const std::uint64_t needed = figure.statistic.samples_needed();
  if (histogram.count() < needed) {
    return unknown(figure, fmt::format("{} needs {} samples, there are {}", figure.name, count_text(needed),
                                       count_text(histogram.count())));
  }
  double value = 0;
  switch (figure.statistic.kind) {
    case StatisticKind::quantile:
      value = static_cast<double>(
          histogram.quantile(static_cast<double>(figure.statistic.milli_percent) / whole_milli_percent));
      break;
    case StatisticKind::mean: value = histogram.mean(); break;
    case StatisticKind::minimum: value = static_cast<double>(histogram.minimum()); break;
    case StatisticKind::maximum: value = static_cast<double>(histogram.maximum()); break;
  }
  return {value,
          fmt::format("{} = {} (of {})", figure.name, duration_text(Nanoseconds(std::llround(value))),
                      count_text(histogram.count())),
          {}};
}

// A count, and the count that is 100 % of it.
std::pair<std::uint64_t, std::uint64_t> counts_of(const Figure& figure, const Scope& scope, const MeasuredLoad& from) {
  const Outcomes& outcomes = *scope.outcomes;
  const ComparisonCounts& comparison = *scope.comparison;
  switch (figure.kind) {
    case FigureKind::planned: return {from.load->planned, 0};
    case FigureKind::sent: return {outcomes.sent, from.load->planned};
    case FigureKind::completed: return {outcomes.completed(), outcomes.sent};
    case FigureKind::count: return {outcomes.finished(), 0};
    case FigureKind::errors: return {outcomes.errors(), outcomes.finished()};
    case FigureKind::lost: return {outcomes.lost_total(), outcomes.finished()};
    case FigureKind::lost_for:
      return {outcomes.lost_for(static_cast<LossReason>(figure.argument)), outcomes.finished()};
    case FigureKind::status_class: return {outcomes.of_class(figure.argument), outcomes.finished()};
    case FigureKind::status: {
      const auto found = outcomes.by_status.find(static_cast<std::uint16_t>(figure.argument));
      return {found == outcomes.by_status.end() ? 0 : found->second, outcomes.finished()};
    }
    case FigureKind::connections: return {from.load->connections_opened, 0};
    case FigureKind::compared: return {comparison.compared, 0};
    case FigureKind::different: return {comparison.different, comparison.compared};
    case FigureKind::status_mismatch: return {comparison.status_mismatches, comparison.compared};
    case FigureKind::header_mismatch: return {comparison.header_mismatches, comparison.compared};
    case FigureKind::body_mismatch: return {comparison.body_mismatches, comparison.compared};
    case FigureKind::not_comparable:
      return {comparison.not_comparable, comparison.compared + comparison.not_comparable};
    default: return {0, 0};
  }
}

Measured measure_rate(const Figure& figure, FigureUnit unit, const MeasuredLoad& from) {
  if (from.duration <= Nanoseconds(0)) return unknown(figure, "nothing was measured for any time");
  const double seconds = std::chrono::duration<double>(from.duration).count();
  const double achieved = static_cast<double>(from.load->outcomes.sent) / seconds;
  if (unit == FigureUnit::a_second) return {achieved, fmt::format("{} = {}", figure.name, rate_text(achieved)), {}};
  if (!from.target_rate || !(*from.target_rate > 0)) return unknown(figure, "there is no target rate to compare with");
  const double share = achieved / *from.target_rate;
  return {share,
          fmt::format("{} = {} ({} of {})", figure.name, share_text(share), rate_text(achieved),
                      rate_text(*from.target_rate)),
          {}};
}

}  // namespace

std::span<const FigureName> figure_names() { return names; }

std::string figure_names_text() {
  std::string text = "p50 to p99.999, median, mean, min, max";
  for (const FigureName& name : names) text += fmt::format(", {}", name.name);
  text += ", 1xx to 5xx, 100 to 599";
  for (std::size_t i = 0; i < loss_reason_count; ++i)
    text += fmt::format(", {}", to_string(static_cast<LossReason>(i)));
  return text;
}

std::uint64_t Statistic::samples_needed() const {
  if (kind != StatisticKind::quantile) return 1;
  const std::uint64_t above = whole_milli_percent - milli_percent;
  return (10 * std::uint64_t{whole_milli_percent} + above - 1) / above;
}

std::optional<Statistic> parse_statistic(std::string_view name) {
  if (name == "median") return Statistic{StatisticKind::quantile, 50'000};
  if (name == "mean") return Statistic{StatisticKind::mean};
  if (name == "min") return Statistic{StatisticKind::minimum};
  if (name == "max") return Statistic{StatisticKind::maximum};
  if (!name.starts_with('p') || name.size() < 2) return std::nullopt;
  name.remove_prefix(1);
  const std::size_t point = name.find('.');
  const std::string_view whole = name.substr(0, point);
  std::string decimals(point == std::string_view::npos ? "" : name.substr(point + 1));
  const bool shaped = !whole.empty() && whole.size() <= 2 && decimals.size() <= 3 &&
                      (point == std::string_view::npos || !decimals.empty());
  decimals.append(3 - std::min<std::size_t>(decimals.size(), 3), '0');
  std::uint32_t milli_percent = 0;
  for (const char c : std::string(whole) + decimals) {
    if (!shaped || c < '0' || c > '9') return std::nullopt;
    milli_percent = milli_percent * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return Statistic{StatisticKind::quantile, milli_percent};
}

std::optional<Figure> find_figure(std::string_view name) {
  Figure figure;
  figure.name = std::string(name);
  for (const FigureName& known : names) {
    if (known.name != name) continue;
    figure.kind = known.kind;
    figure.argument = static_cast<std::uint32_t>(LossReason::timed_out);
    return figure;
  }
  for (std::size_t i = 0; i < loss_reason_count; ++i) {
    if (to_string(static_cast<LossReason>(i)) != name) continue;
    figure.kind = FigureKind::lost_for;
    figure.argument = static_cast<std::uint32_t>(i);
    return figure;
  }
  const auto digit = [&](std::size_t at) { return name[at] >= '0' && name[at] <= '9'; };
  if (name.size() != 3 || name[0] < '1' || name[0] > '5') return std::nullopt;
  figure.argument = static_cast<std::uint32_t>(name[0] - '0');
  if (name.substr(1) == "xx") {
    figure.kind = FigureKind::status_class;
    return figure;
  }
  if (!digit(1) || !digit(2)) return std::nullopt;
  figure.kind = FigureKind::status;
  figure.argument = figure.argument * 100 + static_cast<std::uint32_t>(name[1] - '0') * 10 +
                    static_cast<std::uint32_t>(name[2] - '0');
  return figure;
}

bool is_duration(FigureKind kind) {
  return kind == FigureKind::latency || kind == FigureKind::service_latency || kind == FigureKind::lateness ||
         kind == FigureKind::wait;
}

bool is_latency_from_due(FigureKind kind) { return kind == FigureKind::latency; }

bool is_kept_by_route(FigureKind kind) {
  if (kind == FigureKind::status_class || kind == FigureKind::status) return true;
  return std::any_of(names.begin(), names.end(), [&](const FigureName& n) { return n.kind == kind && n.of_route; });
}

std::vector<FigureUnit> units_of(FigureKind kind) {
  if (is_duration(kind)) return {FigureUnit::duration};
  if (kind == FigureKind::rate) return {FigureUnit::share, FigureUnit::a_second};
  if (kind == FigureKind::status_class || kind == FigureKind::status) return {FigureUnit::count, FigureUnit::share};
  const auto found = std::find_if(names.begin(), names.end(), [&](const FigureName& n) { return n.kind == kind; });
  if (found->share_of.empty()) return {FigureUnit::count};
  return {FigureUnit::count, FigureUnit::share};
}

Measured measure(const Figure& figure, FigureUnit unit, const MeasuredLoad& from) {
  const auto scope = scope_of(figure, from);
  if (!scope) return unknown(figure, fmt::format("no request had the route \"{}\"", figure.route.value_or("")));
  if (is_duration(figure.kind)) return measure_duration(figure, histogram_of(figure, *scope, from));
  if (figure.kind == FigureKind::rate) return measure_rate(figure, unit, from);
  const auto [count, whole] = counts_of(figure, *scope, from);
  if (unit == FigureUnit::count) {
    return {static_cast<double>(count), fmt::format("{} = {}", figure.name, count_text(count)), {}};
  }
  if (whole == 0) return unknown(figure, fmt::format("{} is a share of nothing: there were none", figure.name));
  const double share = static_cast<double>(count) / static_cast<double>(whole);
  return {share,
          fmt::format("{} = {} ({} of {})", figure.name, share_text(share), count_text(count), count_text(whole)),
          {}};
}

}  // namespace understudy
