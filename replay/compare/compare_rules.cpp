#include "replay/compare/compare_rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "replay/compare/text_search.hpp"
#include "traffic/http/message.hpp"
#include "traffic/rules/rule_text.hpp"

namespace understudy {
namespace {

constexpr std::size_t rules_max = 200;

constexpr std::array<std::string_view, 34> headers_ignored{
    // of the moment and the server
    "Date", "Server", "Age", "Expires", "X-Powered-By", "X-Served-By", "X-Cache", "X-Cache-Hits", "X-Timer", "Via",
    "Alt-Svc",
    // of the connection and the framing; how long the content is, the body tells
    "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Content-Length", "Trailer",
    // of the request's trace
    "X-Request-Id", "Request-Id", "X-Correlation-Id", "X-Trace-Id", "Traceparent", "Tracestate", "X-B3-TraceId",
    "X-B3-SpanId", "X-Amzn-RequestId", "X-Amzn-Trace-Id", "X-Amz-Request-Id", "X-Cloud-Trace-Context", "CF-Ray",
    // of how long it took
    "X-Runtime", "X-Response-Time", "X-Envoy-Upstream-Service-Time", "Server-Timing"};

constexpr std::array<std::string_view, 4> headers_hidden{"Authorization", "Proxy-Authorization", "Cookie",
                                                         "Set-Cookie"};
constexpr std::array<std::string_view, 7> words_hidden{"password", "passwd",        "secret", "token",
                                                       "api_key",  "authorization", "cookie"};

template <typename Names>
bool contains_name(const Names& names, std::string_view name) {
  return std::ranges::any_of(names, [name](std::string_view known) { return equals_ignoring_case(known, name); });
}

std::optional<Tolerance> parse_amount(std::string_view text) {
  const bool is_percentage = text.ends_with('%');
  if (is_percentage) text.remove_suffix(1);
  double amount = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(amount) || amount < 0) return {};
  return is_percentage ? Tolerance{0, amount / 100} : Tolerance{amount, 0};
}

// "/pointer", "json:/pointer" or "json:NAME". False when it is none of them.
bool add_place(PointerTree& tree, std::string_view text, const PlaceRule& rule) {
  constexpr std::string_view prefix = "json:";
  const bool has_prefix = text.starts_with(prefix);
  if (has_prefix) text.remove_prefix(prefix.size());
  if (text.starts_with('/')) return tree.add_pointer(text, rule);
  if (!has_prefix || text.empty()) return false;
  tree.add_name(text, rule);
  return true;
}

constexpr std::string_view header_prefix = "header:";

}  // namespace

CompareRules::CompareRules() = default;

std::span<const std::string_view> CompareRules::ignored_headers() { return headers_ignored; }

Result<CompareRules> CompareRules::compile(const CompareOptions& options) {
  CompareRules rules;
  rules.body_max_ = options.body_max;
  rules.hides_value_ = options.hides_value;
  using Add = Result<void> (CompareRules::*)(std::string_view);
  const auto add_all = [&rules](const std::vector<std::string>& texts, Add add) -> Result<void> {
    if (texts.size() > rules_max)
      return fail(ExitCode::usage, "compare: more than 200 rules of one kind; write wider ones");
    for (const std::string& text : texts) {
      if (Result<void> added = (rules.*add)(text); !added) return added;
    }
    return {};
  };
  const std::array<std::pair<const std::vector<std::string>*, Add>, 4> lists{
      {{&options.ignore, &CompareRules::add_ignore},
       {&options.keep, &CompareRules::add_keep},
       {&options.tolerance, &CompareRules::add_tolerance},
       {&options.unordered, &CompareRules::add_unordered}}};
  for (const auto& [texts, add] : lists) {
    if (Result<void> added = add_all(*texts, add); !added) return tl::unexpected(std::move(added.error()));
  }
  return rules;
}

Result<void> CompareRules::add_ignore(std::string_view text) {
  const RuleText rule{"ignore", text};
  const std::string_view what = trim_blanks(text);
  if (what == "status") {
    compares_status_ = false;
  } else if (what == "headers") {
    compares_headers_ = false;
  } else if (what == "body") {
    compares_body_ = false;
  } else if (what.starts_with(header_prefix)) {
    const std::string_view name = what.substr(header_prefix.size());
    if (!is_token(name)) return rule_error(rule, name, "write header:NAME");
    ignored_.emplace_back(name);
  } else if (!add_place(json_, what, {.ignored = true, .unordered = false, .tolerance = {}})) {
    return rule_error(rule, what,
                      "write a JSON pointer (/items/*/updated_at), json:NAME, header:NAME, headers, status or body");
  }
  return {};
}

Result<void> CompareRules::add_keep(std::string_view text) {
  const RuleText rule{"keep", text};
  const std::string_view what = trim_blanks(text);
  const std::string_view name =
      what.starts_with(header_prefix) ? what.substr(header_prefix.size()) : std::string_view();
  if (!is_token(name)) return rule_error(rule, what, "write header:NAME");
  kept_.emplace_back(name);
  return {};
}

Result<void> CompareRules::add_tolerance(std::string_view text) {
  const RuleText rule{"tolerance", text};
  const std::string_view what = trim_blanks(text);
  const std::size_t equals = what.rfind('=');
  const bool is_default = equals == std::string_view::npos;
  const std::string_view amount_text = is_default ? what : trim_blanks(what.substr(equals + 1));
  const auto amount = parse_amount(amount_text);
  if (!amount) return rule_error(rule, amount_text, "write an amount, 0.01, or a share, 1%");
  const PlaceRule tolerant{.ignored = false, .unordered = false, .tolerance = amount};
  if (is_default) {
    json_.set_default(tolerant);
  } else if (!add_place(json_, trim_blanks(what.substr(0, equals)), tolerant)) {
    return rule_error(rule, what, "write AMOUNT, /pointer=AMOUNT or json:NAME=AMOUNT");
  }
  return {};
}

Result<void> CompareRules::add_unordered(std::string_view text) {
  const RuleText rule{"unordered", text};
  const std::string_view what = trim_blanks(text);
  const PlaceRule unordered{.ignored = false, .unordered = true, .tolerance = {}};
  if (what == "*") {
    json_.set_default(unordered);
  } else if (!add_place(json_, what, unordered)) {
    return rule_error(rule, what, "write * for every array, a JSON pointer (/items) or json:NAME");
  }
  return {};
}

bool CompareRules::keeps_header(std::string_view name) const { return contains_name(kept_, name); }

bool CompareRules::ignores_header(std::string_view name) const {
  if (contains_name(ignored_, name)) return true;
  return contains_name(headers_ignored, name) && !keeps_header(name);
}

bool CompareRules::hides(DifferenceKind kind, std::string_view name) const {
  if (hides_value_ && hides_value_(kind, name)) return true;
  if (kind == DifferenceKind::header) return contains_name(headers_hidden, name);
  return std::ranges::any_of(words_hidden,
                             [name](std::string_view word) { return contains_ignoring_case(name, word); });
}

}  // namespace understudy
