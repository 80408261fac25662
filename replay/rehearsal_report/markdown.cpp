#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "replay/html_report/report_document.hpp"
#include "replay/rehearsal_report/document_view.hpp"
#include "replay/rehearsal_report/markdown_text.hpp"
#include "replay/rehearsal_report/rehearsal_report.hpp"
#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

constexpr std::size_t bytes_max = 60'000;
constexpr std::size_t rows_max = 25;  // of any table or list

// Lines up to the size that code hosts take; the rest is counted.
class Lines {
 public:
  void add(const std::string& line) {
    if (out_.size() + line.size() + 1 > bytes_max - note_bytes) {
      ++left_out_;
    } else {
      out_ += line + "\n";
    }
  }
  [[nodiscard]] std::string take() {
    if (left_out_ > 0) out_ += fmt::format("\n{} lines were left out: too long for a comment.\n", left_out_);
    return std::move(out_);
  }

 private:
  static constexpr std::size_t note_bytes = 100;
  std::string out_;
  std::size_t left_out_ = 0;
};

std::string verdict_word(const std::string& verdict) {
  if (verdict == "improved") return "✅ improved";
  if (verdict == "regressed") return "❌ regressed";
  if (verdict == "equivalent") return "⚪ equivalent";
  if (verdict == "inconclusive") return "❔ inconclusive";
  return markdown_text(verdict);
}

// Three digits that count, thousands apart.
std::string shown(std::optional<double> number) {
  if (!number) return "–";
  const double size = std::abs(*number);
  if (size < 1e-9) return "0";  // what rounding leaves of nothing
  if (size >= 1000) {
    std::string digits = fmt::format("{:.0f}", size);
    for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
    return (*number < 0 ? "-" : "") + digits;
  }
  return fmt::format("{:.3g}", *number);
}

std::string shown_with_unit(const DocumentView& metric, std::string_view side) {
  const std::optional<double> number = metric[side].number();
  const std::string unit = metric["unit"].text();
  if (!number) return "–";
  const std::string key = metric["key"].text();
  if (key.find("bytes") != std::string::npos && *number >= 0 && *number < 1e18)
    return bytes_text(static_cast<std::uint64_t>(*number)) + " " + markdown_text(unit);
  if (key.ends_with("_time") && unit == "a second") return shown(number) + " ms a second";
  if (unit == "share") return shown(*number * 100) + " %";
  return unit.empty() || unit == "count" ? shown(number) : fmt::format("{} {}", shown(number), markdown_text(unit));
}

std::string ratio_text(const DocumentView& metric) {
  const std::optional<double> ratio = metric["ratio"].number();
  if (!ratio) return "–";
  const std::string range =
      metric["low"].exists() && metric["high"].exists()
          ? fmt::format(" ({} to {})", shown(metric["low"].number()), shown(metric["high"].number()))
          : std::string();
  return fmt::format("{} ×{}", shown(ratio), range);
}

void add_head(Lines& lines, const DocumentView& document) {
  const DocumentView verdict = document["verdict"];
  lines.add(fmt::format("## {}: {}", verdict_word(verdict["kind"].text()), markdown_text(document["name"].text())));
  lines.add("");
  if (verdict["headline"].exists()) lines.add(fmt::format("**{}**", markdown_text(verdict["headline"].text())));
  if (document["end"].exists() && document["end"].text() != "whole") {
    lines.add("");
    lines.add(fmt::format("The rehearsal ended early ({}): {}", markdown_text(document["end"].text()),
                          markdown_text(document["end_reason"].text())));
  }
}

// A heading and a list of what `show` makes of each item; nothing where there is none.
template <typename Show>
void add_list(Lines& lines, std::string_view title, const std::vector<DocumentView>& items, const Show& show) {
  if (items.empty()) return;
  lines.add(fmt::format("\n### {}\n", title));
  for (std::size_t i = 0; i < std::min(items.size(), rows_max); ++i) lines.add("- " + show(items[i]));
  if (items.size() > rows_max) lines.add(fmt::format("- and {} more", items.size() - rows_max));
}

void add_metrics(Lines& lines, const DocumentView& document) {
  std::vector<DocumentView> metrics = document["metrics"].items();
  std::stable_partition(metrics.begin(), metrics.end(),
                        [](const DocumentView& metric) { return metric["headline"].is_true(); });
  if (metrics.empty()) return;
  lines.add("\n| figure | baseline | candidate | ratio (interval) | verdict |\n|---|---:|---:|---:|---|");
  for (std::size_t i = 0; i < std::min(metrics.size(), rows_max); ++i) {
    const DocumentView& metric = metrics[i];
    const std::string name = markdown_text(metric["name"].text());
    lines.add(fmt::format("| {} | {} | {} | {} | {} |",
                          metric["headline"].is_true() && !name.empty() ? "**" + name + "**" : name,
                          shown_with_unit(metric, "baseline"), shown_with_unit(metric, "candidate"), ratio_text(metric),
                          verdict_word(metric["verdict"].text())));
  }
}

void add_classes(Lines& lines, const DocumentView& document) {
  std::vector<DocumentView> classes = document["query_classes"].items();
  std::stable_partition(classes.begin(), classes.end(),
                        [](const DocumentView& query) { return query["stands_out"].is_true(); });
  if (classes.empty()) return;
  lines.add("\n### Queries\n\n| query | verdict | estimated read IOPS | why |\n|---|---|---:|---|");
  for (std::size_t i = 0; i < std::min(classes.size(), rows_max); ++i) {
    const DocumentView& query = classes[i];
    const DocumentView iops = query["estimated_read_iops"];
    lines.add(fmt::format(
        "| {} | {} | {} | {} |", markdown_code(query["query"].text()), verdict_word(query["verdict"].text()),
        iops.exists() ? fmt::format("{} → {}", shown(iops["baseline"].number()), shown(iops["candidate"].number()))
                      : "–",
        markdown_text(query["reason"].text())));
  }
  if (classes.size() > rows_max) lines.add(fmt::format("\n{} more query classes", classes.size() - rows_max));
}

// The forecast's lines, below each other.
void add_credits_of(Lines& lines, std::string_view side, const std::string& text) {
  std::size_t start = 0;
  bool is_first = true;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string line = markdown_text(std::string_view(text).substr(start, end - start));
    start = end + 1;
    if (line.empty()) continue;
    lines.add(is_first ? fmt::format("- {}: {}", side, line) : "  - " + line);
    is_first = false;
  }
}

void add_credits(Lines& lines, const DocumentView& forecast) {
  if (!forecast.exists()) return;
  lines.add(fmt::format("\n### Credits of a {}\n", markdown_text(forecast["volume"].text())));
  for (const std::string_view side : {"baseline", "candidate"}) {
    add_credits_of(lines, side, forecast[side]["text"].text());
  }
}

void add_end(Lines& lines, const DocumentView& document) {
  const DocumentView verdict = document["verdict"];
  lines.add(fmt::format("\n{} pairs of runs, exit code {}, {}, {}", shown(verdict["pairs"].number()),
                        shown(verdict["exit_code"].number()), markdown_code(document["tool_version"].text()),
                        markdown_text(document["started_at"].text())));
}

}  // namespace

Result<std::string> rehearsal_markdown(std::string_view rehearsal_json) {
  const Result<boost::json::value> parsed = parse_report_document(rehearsal_json);
  if (!parsed) return tl::unexpected(parsed.error());
  const DocumentView document(&*parsed);
  const auto sentence = [](const DocumentView& item) { return markdown_text(item.text()); };
  Lines lines;
  add_head(lines, document);
  add_list(lines, "What got worse", document["verdict"]["stands_out"].items(), [](const DocumentView& item) {
    return fmt::format("{}: {}", markdown_code(item["name"].text()), markdown_text(item["text"].text()));
  });
  add_metrics(lines, document);
  add_list(lines, "Why", document["verdict"]["reasons"].items(), sentence);
  add_list(lines, "Objectives", document["objectives"].items(), [](const DocumentView& item) {
    return fmt::format("{}: {} ({})", markdown_code(item["text"].text()), markdown_text(item["state"].text()),
                       markdown_text(item["measured"].text()));
  });
  add_classes(lines, document);
  add_credits(lines, document["forecast"]);
  add_list(lines, "To keep in mind", document["warnings"].items(), sentence);
  add_end(lines, document);
  return lines.take();
}

}  // namespace understudy
