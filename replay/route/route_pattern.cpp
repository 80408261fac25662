#include "replay/route/route_pattern.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "traffic/base/json_text.hpp"
#include "traffic/rules/rule_text.hpp"

namespace understudy {
namespace {

bool is_any_segment(std::string_view segment) {
  return segment == "*" || (segment.size() >= 2 && segment.front() == '{' && segment.back() == '}');
}

// Takes the next segment off a path. REQUIRES: the path begins with "/".
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

}  // namespace

Result<RoutePattern> RoutePattern::compile(std::string_view text) {
  const RuleText rule{"route", text};
  RoutePattern pattern;
  std::string_view path = trim_blanks(text);
  if (!path.starts_with('/') && !path.starts_with('~')) {
    const std::string_view method = path.substr(0, path.find_first_of(" \t"));
    if (!is_token(method) || method.size() == path.size()) {
      return rule_error(rule, path, "write [METHOD ]/path/*/with/{id}, or [METHOD ]~REGEX");
    }
    pattern.method_ = method;
    path = trim_blanks(path.substr(method.size()));
  }
  append_printable(pattern.path_name_, path);
  if (path.starts_with('~')) {
    if (path.size() == 1) return rule_error(rule, path, "the regular expression is empty");
    auto expression = Pattern::compile(rule, path.substr(1), path.substr(1));
    if (!expression) return tl::unexpected(std::move(expression.error()));
    pattern.expression_ = std::move(*expression);
    return pattern;
  }
  if (!path.starts_with('/')) return rule_error(rule, path, "a path begins with /, a regular expression with ~");
  if (const std::size_t query = path.find_first_of("?#"); query != std::string_view::npos) {
    return rule_error(rule, path.substr(query), "the query is not part of a route");
  }
  while (!path.empty()) {
    const std::string_view segment = take_segment(path);
    if (segment == "**") {
      if (!path.empty()) return rule_error(rule, segment, "** stands for the rest of a path, at its end only");
      pattern.any_rest_ = true;
    } else {
      pattern.segments_.emplace_back(is_any_segment(segment) ? "*" : segment);
    }
  }
  return pattern;
}

bool RoutePattern::matches(std::string_view method, std::string_view path) const {
  if (!method_.empty() && method_ != method) return false;
  return expression_ ? expression_->matches(path) : matches_segments(path);
}

bool RoutePattern::matches_segments(std::string_view path) const {
  for (const std::string& wanted : segments_) {
    if (!path.starts_with('/')) return false;
    const std::string_view segment = take_segment(path);
    if (wanted == "*" ? segment.empty() : segment != wanted) return false;
  }
  return path.empty() || any_rest_;
}

}  // namespace understudy
