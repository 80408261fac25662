#include "replay/carry/carry_rules.hpp"

#include <optional>
#include <utility>

#include "traffic/http/message.hpp"
#include "traffic/rules/rule_text.hpp"

namespace understudy {
namespace {

constexpr std::string_view arrow = " -> ";
constexpr std::string_view scope = " scope=all";

// One side of a rule: "header:Name" apart at the colon.
struct Side {
  std::string_view word;
  std::string_view name;
};

Side split_side(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

Result<void> read_source(const RuleText& text, std::string_view part, CarryRule& rule) {
  const Side side = split_side(part);
  if (side.word == "json") {
    rule.source = CarrySource::json;
    if (!rule.source_selection.add_pointer(side.name)) return rule_error(text, part, "write json:/POINTER (RFC 6901)");
    return {};
  }
  if (side.word != "header" && side.word != "cookie") {
    return rule_error(text, part, "a source is json:/POINTER, header:NAME or cookie:NAME");
  }
  if (!is_token(side.name)) return rule_error(text, side.name, "write a name behind the colon");
  rule.source = side.word == "header" ? CarrySource::header : CarrySource::cookie;
  rule.source_name = side.name;
  return {};
}

// Takes "=TEMPLATE" off a header's name.
Result<void> read_template(const RuleText& text, std::string_view& name, CarryRule& rule) {
  const std::size_t equals = name.find('=');
  if (equals == std::string_view::npos) return {};
  const std::string_view format = trim_blanks(name.substr(equals + 1));
  if (format.find("{}") == std::string_view::npos || !is_field_value(format)) {
    return rule_error(text, format, "a template has {} where the value belongs: header:Authorization=Bearer {}");
  }
  rule.destination_template = format;
  name = trim_blanks(name.substr(0, equals));
  return {};
}

Result<void> read_destination(const RuleText& text, std::string_view part, CarryRule& rule) {
  Side side = split_side(part);
  if (part == "path") {
    rule.destination = CarryDestination::path;
    return {};
  }
  if (side.word == "json") {
    rule.destination = CarryDestination::json;
    if (!rule.destination_selection.add_pointer(side.name)) {
      return rule_error(text, part, "write json:/POINTER (RFC 6901)");
    }
    return {};
  }
  if (side.word == "header") {
    rule.destination = CarryDestination::header;
    if (auto read = read_template(text, side.name, rule); !read) return read;
    if (equals_ignoring_case(side.name, "cookie")) return rule_error(text, part, "write cookie:NAME");
  } else if (side.word == "cookie") {
    rule.destination = CarryDestination::cookie;
  } else if (side.word == "param") {
    rule.destination = CarryDestination::param;
  } else {
    return rule_error(text, part, "a destination is header:NAME, cookie:NAME, param:NAME, json:/POINTER or path");
  }
  const bool is_name = side.word == "param" ? !side.name.empty() : is_token(side.name);
  if (!is_name) return rule_error(text, side.name, "write a name behind the colon");
  rule.destination_name = side.name;
  return {};
}

Result<CarryRule> read_rule(std::string_view whole) {
  const RuleText text{"carry", whole};
  std::string_view part = trim_blanks(whole);
  CarryRule rule;
  if (part.ends_with(scope)) {
    rule.all_sessions = true;
    part = trim_blanks(part.substr(0, part.size() - scope.size()));
  }
  if (part == "cookies") {
    rule.source = CarrySource::cookie;
    rule.destination = CarryDestination::cookie;
    return rule;
  }
  const std::size_t at = part.find(arrow);
  if (at == std::string_view::npos) return rule_error(text, part, "write SOURCE -> DESTINATION, or cookies");
  if (auto read = read_source(text, trim_blanks(part.substr(0, at)), rule); !read) {
    return tl::unexpected(std::move(read.error()));
  }
  if (auto read = read_destination(text, trim_blanks(part.substr(at + arrow.size())), rule); !read) {
    return tl::unexpected(std::move(read.error()));
  }
  return rule;
}

}  // namespace

Result<CarryRules> CarryRules::compile(std::span<const std::string> texts) {
  if (texts.size() > rules_max) return fail(ExitCode::usage, "carry: more than 64 rules");
  CarryRules rules;
  for (const std::string& text : texts) {
    auto rule = read_rule(text);
    if (!rule) return tl::unexpected(std::move(rule.error()));
    rules.rules_.push_back(std::move(*rule));
  }
  return rules;
}

}  // namespace understudy
