#include "traffic/rules/rewrite.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "traffic/rules/query.hpp"

namespace understudy {
namespace {

// Fields that say where a message ends or what becomes of its connection. The body and the pool decide those.
constexpr std::array<std::string_view, 4> framing_fields{"Content-Length", "Transfer-Encoding", "Trailer",
                                                         "Connection"};

Result<std::string> header_name(const RuleText& rule, std::string_view part) {
  const std::string_view name = trim_blanks(part);
  if (!is_token(name)) return rule_error(rule, part, fmt::format("'{}' cannot be a header's name", name));
  for (const std::string_view framing : framing_fields) {
    if (equals_ignoring_case(name, framing)) {
      return rule_error(rule, part, fmt::format("{} belongs to the framing and cannot be edited", framing));
    }
  }
  return std::string(name);
}

// "NAME: REST" in two; the error wants `form`.
Result<std::pair<std::string, std::string_view>> split_header(const RuleText& rule, std::string_view form) {
  const std::size_t colon = rule.text.find(':');
  if (colon == std::string_view::npos) return rule_error(rule, rule.text, fmt::format("write {}", form));
  auto name = header_name(rule, rule.text.substr(0, colon));
  if (!name) return tl::unexpected(std::move(name.error()));
  return std::pair(std::move(*name), trim_blanks(rule.text.substr(colon + 1)));
}

// Whether a query has a parameter of that name.
bool has_parameter(std::string_view query, std::string_view name) {
  ParameterReader parameters(query);
  while (const auto parameter = parameters.next()) {
    if (decodes_to(parameter->name, name)) return true;
  }
  return false;
}

// Puts `pair` in place of the first parameter of that name and removes the others; an empty pair removes it as well.
void replace_parameter(std::string& url, std::string_view name, std::string_view pair) {
  const TargetParts parts = split_target(url);
  std::string query;
  const auto add = [&query](std::string_view text) {
    if (!query.empty() && !text.empty()) query += '&';
    query += text;
  };
  ParameterReader parameters(parts.query);
  while (const auto parameter = parameters.next()) {
    if (decodes_to(parameter->name, name)) {
      add(pair);
      pair = {};
    } else {
      add(parameter->whole);
    }
  }
  std::string edited(url, 0, parts.prefix.size() + parts.path.size());
  if (!query.empty()) edited.append("?").append(query);
  url = std::move(edited);
}

}  // namespace

void remove_parameter(std::string& url, std::string_view name) {
  if (has_parameter(split_target(url).query, name)) replace_parameter(url, name, {});
}

void set_parameter(std::string& url, std::string_view name, std::string_view value) {
  std::string pair;
  append_encoded(pair, name);
  pair += '=';
  append_encoded(pair, value);
  const TargetParts parts = split_target(url);
  if (has_parameter(parts.query, name)) return replace_parameter(url, name, pair);
  if (!parts.has_query) {
    url += '?';
  } else if (!parts.query.empty()) {
    url += '&';
  }
  url += pair;
}

Result<Edits> Edits::compile(const RuleOptions& options) {
  Edits edits;
  if (auto done = edits.compile_target_edits(options); !done) return tl::unexpected(std::move(done.error()));
  if (auto done = edits.compile_header_edits(options); !done) return tl::unexpected(std::move(done.error()));
  return edits;
}

Result<void> Edits::compile_target_edits(const RuleOptions& options) {
  for (const std::string& text : options.rewrite_url) {
    const RuleText rule{"rewrite-url", text};
    auto replacement = Replacement::compile(rule, text);
    if (!replacement) return tl::unexpected(std::move(replacement.error()));
    const std::string_view target = replacement->replacement_template();
    if (std::ranges::any_of(target, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; })) {
      return rule_error(rule, text, "a URL has no white space or control characters: write %20 for a space");
    }
    url_rewrites_.push_back(std::move(*replacement));
  }
  for (const std::string& text : options.remove_param) {
    if (text.empty()) return rule_error({"remove-param", text}, text, "write the parameter's name");
    removed_parameters_.push_back(text);
  }
  for (const std::string& text : options.set_param) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) return rule_error({"set-param", text}, text, "write NAME=VALUE");
    set_parameters_.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return {};
}

Result<void> Edits::compile_header_edits(const RuleOptions& options) {
  for (const std::string& text : options.remove_header) {
    auto name = header_name({"remove-header", text}, text);
    if (!name) return tl::unexpected(std::move(name.error()));
    removed_headers_.push_back(std::move(*name));
  }
  for (const std::string& text : options.rewrite_header) {
    const RuleText rule{"rewrite-header", text};
    auto parts = split_header(rule, "'NAME: REGEX => REPLACEMENT'");
    if (!parts) return tl::unexpected(std::move(parts.error()));
    auto replacement = Replacement::compile(rule, parts->second);
    if (!replacement) return tl::unexpected(std::move(replacement.error()));
    if (!is_field_value(replacement->replacement_template())) {
      return rule_error(rule, parts->second, "a header's value has no control characters");
    }
    header_rewrites_.push_back({std::move(parts->first), std::move(*replacement)});
  }
  for (const std::string& text : options.set_header) {
    const RuleText rule{"set-header", text};
    auto parts = split_header(rule, "'NAME: VALUE'");
    if (!parts) return tl::unexpected(std::move(parts.error()));
    if (!is_field_value(parts->second)) {
      return rule_error(rule, parts->second, "a header's value has no control characters");
    }
    set_headers_.emplace_back(std::move(parts->first), std::string(parts->second));
  }
  return {};
}

bool Edits::empty() const {
  return url_rewrites_.empty() && removed_parameters_.empty() && set_parameters_.empty() && removed_headers_.empty() &&
         header_rewrites_.empty() && set_headers_.empty();
}

void Edits::apply(HeadDraft& draft) const {
  apply_to_target(draft);
  apply_to_fields(draft);
}

void Edits::apply_to_target(HeadDraft& draft) const {
  if (url_rewrites_.empty() && removed_parameters_.empty() && set_parameters_.empty()) return;
  const std::string_view target = draft.target();
  const TargetParts parts = split_target(target);
  const bool has_path = parts.path.starts_with('/') || !parts.prefix.empty();
  if (!has_path) return;  // "*", or the authority of CONNECT
  const std::string_view before = target.substr(parts.prefix.size());
  std::string url(before);
  for (const Replacement& rewrite : url_rewrites_) static_cast<void>(rewrite.apply(url));
  for (const std::string& name : removed_parameters_) remove_parameter(url, name);
  for (const auto& [name, value] : set_parameters_) set_parameter(url, name, value);
  if (url == before) return;
  if (!url.starts_with('/')) url.insert(0, "/");
  draft.set_target(std::string(parts.prefix) + url);
}

void Edits::apply_to_fields(HeadDraft& draft) const {
  for (const std::string& name : removed_headers_) draft.remove_field(name);
  for (const HeaderRewrite& rewrite : header_rewrites_) {
    for (std::size_t i = 0; i < draft.field_count(); ++i) {
      if (!equals_ignoring_case(draft.field_name(i), rewrite.name)) continue;
      std::string value(draft.field_value(i));
      if (rewrite.replacement.apply(value)) draft.set_field_value(i, value);
    }
  }
  for (const auto& [name, value] : set_headers_) draft.set_field(name, value);
}

}  // namespace understudy
