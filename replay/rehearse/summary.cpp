// What a person reads in ten seconds.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "replay/rehearse/rehearsal.hpp"
#include "replay/verdict/verdict_text.hpp"
#include "traffic/base/json_text.hpp"
#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

constexpr std::size_t name_columns = 96;
constexpr std::size_t parts_told = 5;
constexpr std::size_t lines_told = 6;

[[nodiscard]] std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

// One line of at most so many bytes, safe on a terminal.
[[nodiscard]] std::string shortened(const std::string& text) {
  std::string spaced;
  for (const char c : text) spaced += c == '\n' || c == '\t' ? ' ' : c;
  if (spaced.size() > name_columns) spaced = spaced.substr(0, name_columns - 3) + "...";
  std::string out;
  append_printable(out, spaced);
  return out;
}

[[nodiscard]] std::string metric_line(const MetricComparison& metric) {
  const MetricInfo& info = metric_info(metric.metric);
  std::string ratio = "-";
  if (metric.ratio) {
    ratio =
        fmt::format("{} ({} to {})", figure_text(*metric.ratio), figure_text(*metric.low), figure_text(*metric.high));
  }
  return fmt::format("  {:<26} {:>18} -> {:<18} {:<24} {}\n", info.name, metric_text(info, metric.baseline),
                     metric_text(info, metric.candidate), ratio, to_string(metric.verdict));
}

void add_parts(std::string_view title, const std::vector<PartVerdict>& parts, std::string& text) {
  const auto count = static_cast<std::size_t>(std::ranges::count_if(parts, &PartVerdict::stands_out));
  if (count == 0) return;
  text += fmt::format("{} that got worse: {}\n", title, count);
  std::size_t told = 0;
  for (const PartVerdict& part : parts) {
    if (!part.stands_out || told++ == parts_told) continue;
    text += fmt::format("  {}\n    {}\n", shortened(part.name), part.reason);
    if (told == parts_told) break;
  }
}

void add_lines(std::string_view title, const std::vector<std::string>& lines, std::string& text) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i == lines_told) {
      text += fmt::format("{}: {} more in rehearsal.json\n", title, lines.size() - i);
      return;
    }
    std::string line;
    append_printable(line, lines[i]);
    text += fmt::format("{}: {}\n", title, line);
  }
}

[[nodiscard]] std::string_view to_text(ObjectiveState state) {
  switch (state) {
    case ObjectiveState::passed: return "passed";
    case ObjectiveState::failed: return "FAILED";
    case ObjectiveState::not_decidable: return "not decidable";
  }
  return "";
}

}  // namespace

std::string summary_text(const RehearsalPlan& plan, const RehearsalOutcome& outcome) {
  const JudgedRehearsal& judged = outcome.judged;
  std::string text = fmt::format("{}: {}\n{}\n\n", plan.name, upper(to_string(judged.verdict)), judged.headline);
  for (const MetricComparison& metric : judged.metrics) {
    if (metric.headline) text += metric_line(metric);
  }
  if (!judged.metrics.empty()) text += fmt::format("  over {} valid pairs of {}\n\n", judged.pairs, plan.pairs.count);
  add_parts("Queries", judged.classes, text);
  add_parts("Routes", judged.routes, text);
  for (const ObjectiveResult& objective : outcome.objectives) {
    text += fmt::format("Objective {}: {} ({})\n", to_text(objective.state), objective.text,
                        objective.reason.empty() ? objective.measured : objective.reason);
  }
  if (judged.refused.size() > 1) {
    add_lines("Also", std::vector<std::string>(judged.refused.begin() + 1, judged.refused.end()), text);
  }
  add_lines("Note", judged.warnings, text);
  return text;
}

}  // namespace understudy
