// The language of objectives, by recursive descent. docs/objectives.md has the grammar.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "replay/report/condition.hpp"
#include "traffic/base/text_scanner.hpp"

namespace understudy {
namespace {

constexpr unsigned depth_max = 32;
constexpr std::string_view what = "the objective";
using NodePtr = std::unique_ptr<ConditionNode>;

std::string_view threshold_form(FigureKind kind) {
  const auto units = units_of(kind);
  const auto has = [&](FigureUnit unit) { return std::find(units.begin(), units.end(), unit) != units.end(); };
  if (has(FigureUnit::duration)) return "a time with its unit, as in \"250ms\"";
  if (has(FigureUnit::a_second)) return "a share of the target rate, as in \"95%\", or a rate, as in \"950/s\"";
  if (has(FigureUnit::share)) return "a number of requests, as in \"10\", or a share, as in \"0.1%\"";
  return "a number, as in \"1000\"; there is no share of it";
}

class ConditionParser {
 public:
  ConditionParser(std::string_view text, ConditionUse use) : scan_(text), use_(use) {}

  Result<ParsedCondition> parse() {
    auto root = any();
    if (!root) return tl::unexpected(root.error());
    ParsedCondition condition{std::move(*root), std::nullopt};
    if (use_ == ConditionUse::window && scan_.take_word("for")) {
      const auto window = scan_.take_duration();
      if (!window || *window <= Nanoseconds(0)) return refuse("a time, as in \"for 10s\"");
      condition.window = *window;
    }
    if (scan_.at_end()) return condition;
    return refuse(use_ == ConditionUse::window ? "\"and\", \"or\", \"for\" and a time, or the end"
                                               : "\"and\", \"or\" or the end");
  }

 private:
  tl::unexpected<Error> refuse(std::string_view expected) { return scan_.refuse(what, expected); }
  tl::unexpected<Error> refuse_at(std::size_t mark, std::string_view expected) {
    scan_.back_to(mark);
    return refuse(expected);
  }

  template <typename Part, typename TakeJoint>
  Result<NodePtr> joined(ConditionNode::Kind kind, Part part, TakeJoint take_joint) {
    auto first = (this->*part)();
    if (!first) return first;
    std::vector<NodePtr> children;
    children.push_back(std::move(*first));
    while (take_joint()) {
      auto next = (this->*part)();
      if (!next) return next;
      children.push_back(std::move(*next));
    }
    if (children.size() == 1) return std::move(children.front());
    auto node = std::make_unique<ConditionNode>();
    node->kind = kind;
    node->children = std::move(children);
    return node;
  }

  Result<NodePtr> any() {
    return joined(ConditionNode::Kind::any, &ConditionParser::all,
                  [this] { return scan_.take_word("or") || scan_.take_symbol("||"); });
  }

  Result<NodePtr> all() {
    return joined(ConditionNode::Kind::all, &ConditionParser::primary,
                  [this] { return scan_.take_word("and") || scan_.take_symbol("&&"); });
  }

  Result<NodePtr> primary() {
    const std::size_t begin = scan_.mark();
    if (!scan_.take_symbol("(")) return comparison();
    if (++depth_ > depth_max) return refuse_at(begin, fmt::format("parentheses at most {} deep", depth_max));
    auto inner = any();
    if (!inner) return inner;
    if (!scan_.take_symbol(")")) return refuse("\"and\", \"or\" or \")\"");
    --depth_;
    return inner;
  }

  Result<NodePtr> comparison() {
    auto figure = this->figure();
    if (!figure) return tl::unexpected(figure.error());
    auto node = std::make_unique<ConditionNode>();
    node->figure = std::move(*figure);
    const auto comparator = take_comparator();
    if (!comparator) return refuse("one of >, >=, <, <=, = and !=");
    node->comparator = *comparator;
    const auto threshold = this->threshold(node->figure.kind);
    if (!threshold) return tl::unexpected(threshold.error());
    node->threshold = *threshold;
    return node;
  }

  Result<Figure> figure() {
    std::optional<std::string> route;
    std::size_t begin = scan_.mark();
    std::string_view name = scan_.take_name();
    if (name == "route") {
      if (use_ == ConditionUse::window) {
        return refuse_at(begin, "a figure of all requests: those of one route are not kept by time");
      }
      const bool opened = scan_.take_symbol("(");
      const auto text = opened ? scan_.take_quoted() : std::nullopt;
      if (!text || !scan_.take_symbol(")")) return refuse("a route in quotes, as in route(\"GET /orders/{id}\")");
      route = std::string(*text);
      begin = scan_.mark();
      name = scan_.take_name();
    }
    auto figure = statistic_of_latency(name);
    if (!figure) figure = find_figure(name);
    if (!figure) return refuse_at(begin, "a figure: " + figure_names_text());
    if (is_duration(figure->kind) && figure->name == name && !parse_statistic(name)) {
      const std::size_t behind = scan_.mark();
      const std::string_view statistic = scan_.take_name();
      const auto parsed = parse_statistic(statistic);
      if (!parsed) return refuse_at(behind, fmt::format("p50, p99.9, median, mean, min or max behind \"{}\"", name));
      figure->statistic = *parsed;
      figure->name += fmt::format(" {}", statistic);
    }
    if (route && !is_kept_by_route(figure->kind)) {
      return refuse_at(begin, fmt::format("a figure that is kept for each route; \"{}\" is not", figure->name));
    }
    if (route) figure->name = fmt::format("route(\"{}\") {}", *route, figure->name);
    figure->route = std::move(route);
    return std::move(*figure);
  }

  // "p99" alone is the latency's.
  static std::optional<Figure> statistic_of_latency(std::string_view name) {
    const auto statistic = parse_statistic(name);
    if (!statistic) return std::nullopt;
    Figure figure;
    figure.kind = FigureKind::latency;
    figure.statistic = *statistic;
    figure.name = std::string(name);
    return figure;
  }

  std::optional<Comparator> take_comparator() {
    // The longer ones first.
    constexpr std::array<std::pair<std::string_view, Comparator>, 7> forms = {{{">=", Comparator::at_least},
                                                                               {"<=", Comparator::at_most},
                                                                               {"!=", Comparator::not_equal},
                                                                               {"==", Comparator::equal},
                                                                               {">", Comparator::above},
                                                                               {"<", Comparator::below},
                                                                               {"=", Comparator::equal}}};
    for (const auto& [symbol, comparator] : forms) {
      if (scan_.take_symbol(symbol)) return comparator;
    }
    return std::nullopt;
  }

  Result<Threshold> threshold(FigureKind kind) {
    const std::size_t begin = scan_.mark();
    const auto found = take_threshold(kind);
    if (!found) return refuse_at(begin, threshold_form(kind));
    const auto units = units_of(kind);
    if (std::find(units.begin(), units.end(), found->unit) == units.end())
      return refuse_at(begin, threshold_form(kind));
    return *found;
  }

  std::optional<Threshold> take_threshold(FigureKind kind) {
    if (is_duration(kind)) {
      const auto duration = scan_.take_duration();
      if (!duration) return std::nullopt;
      return Threshold{FigureUnit::duration, static_cast<double>(duration->count())};
    }
    const auto number = scan_.take_number();
    if (!number) return std::nullopt;
    const auto value = static_cast<double>(*number);
    if (scan_.take_symbol("%")) return Threshold{FigureUnit::share, static_cast<double>(*number / 100)};
    if (scan_.take_symbol("/s")) return Threshold{FigureUnit::a_second, value};
    // "250ms" of a count: the unit is wrong, and the error shows the threshold and not what is behind it.
    const std::size_t behind = scan_.mark();
    const std::string_view next = scan_.take_name();
    scan_.back_to(behind);
    if (!next.empty() && next != "and" && next != "or" && next != "for") return std::nullopt;
    return Threshold{FigureUnit::count, value};
  }

  TextScanner scan_;
  ConditionUse use_;
  unsigned depth_ = 0;
};

}  // namespace

Result<ParsedCondition> parse_condition(std::string_view text, ConditionUse use) {
  return ConditionParser(text, use).parse();
}

}  // namespace understudy
