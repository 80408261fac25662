// A figure that an objective names: "p99", "lateness max", "route("GET /orders/{id}") errors", "5xx".
//
// Thread safety: pure functions and values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "replay/report/run_result.hpp"

namespace understudy {

enum class FigureKind : std::uint8_t {
  // durations, with a statistic
  latency,
  service_latency,
  lateness,
  wait,
  // counts and shares
  planned,
  sent,
  completed,
  count,
  errors,
  lost,
  lost_for,      // argument: LossReason
  status_class,  // argument: 1 to 5
  status,        // argument: 100 to 599
  connections,
  compared,
  different,
  status_mismatch,
  header_mismatch,
  body_mismatch,
  not_comparable,
  // a rate
  rate,
};

// How a threshold is written, and what a figure is then compared as.
enum class FigureUnit : std::uint8_t { duration, count, share, a_second };

// One name of the language, for its errors and its documentation.
struct FigureName {
  std::string_view name;
  FigureKind kind;
  bool of_route;              // kept for each route as well
  std::string_view share_of;  // what 100 % is; empty: no shares
  std::string_view meaning;
};
// All but the reasons for losses, the classes, the statuses and the statistics.
[[nodiscard]] std::span<const FigureName> figure_names();
// All names in one line, for errors.
[[nodiscard]] std::string figure_names_text();

enum class StatisticKind : std::uint8_t { quantile, mean, minimum, maximum };
struct Statistic {
  StatisticKind kind = StatisticKind::maximum;
  std::uint32_t milli_percent = 0;  // of a quantile: 99,900 for p99.9

  // How many samples it takes: 10 / (1 - q) for a quantile, so that ten lie above it; 1 for the others.
  [[nodiscard]] std::uint64_t samples_needed() const;
};
// "p50", "p99.9" (up to three decimals, below 100), "median", "mean", "min", "max".
[[nodiscard]] std::optional<Statistic> parse_statistic(std::string_view name);

struct Figure {
  FigureKind kind = FigureKind::count;
  std::uint32_t argument = 0;
  Statistic statistic;
  std::optional<std::string> route;  // nothing: of all requests
  std::string name;                  // as it is told: "p99", "route("GET /x") errors"
};

// Without route and statistic; empty for an unknown name.
[[nodiscard]] std::optional<Figure> find_figure(std::string_view name);
[[nodiscard]] bool is_duration(FigureKind kind);
// From due: what a generator that cannot keep up makes worthless.
[[nodiscard]] bool is_latency_from_due(FigureKind kind);
[[nodiscard]] bool is_kept_by_route(FigureKind kind);
// The units in which thresholds for it may be given.
[[nodiscard]] std::vector<FigureUnit> units_of(FigureKind kind);

// What figures are taken from: a whole run or a window of it.
struct MeasuredLoad {
  const LoadFigures* load = nullptr;
  Nanoseconds duration{};
  std::optional<double> target_rate;
  const std::vector<RouteResult>* routes = nullptr;  // null: not kept
};

// One figure's value: nanoseconds, a count, a share from 0 to 1 or more, or events a second.
struct Measured {
  std::optional<double> value;  // nothing: it cannot be told
  std::string text;             // "p99 = 14.2 ms (of 18,000)"
  std::string reason;           // why it cannot be told
};
[[nodiscard]] Measured measure(const Figure& figure, FigureUnit unit, const MeasuredLoad& from);

}  // namespace understudy
