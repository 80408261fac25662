#include "traffic/rules/redactor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "traffic/rules/content_coding.hpp"
#include "traffic/rules/multipart.hpp"
#include "traffic/rules/query.hpp"

namespace understudy {
namespace {

enum class BodyKind : std::uint8_t { unknown, json, form, multipart };

// By the Content-Type, compared without case. A type that says nothing of these is unknown.
BodyKind kind_of(std::string_view content_type) {
  std::string type(trim_blanks(content_type.substr(0, content_type.find(';'))));
  std::ranges::transform(type, type.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (type.find("json") != std::string::npos) return BodyKind::json;
  if (type == "application/x-www-form-urlencoded") return BodyKind::form;
  return type == "multipart/form-data" ? BodyKind::multipart : BodyKind::unknown;
}

// Fields whose value is a URL.
constexpr std::string_view url_fields[] = {"referer", "location"};

bool looks_like_json(std::string_view content) {
  const std::size_t first = content.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (content[first] == '{' || content[first] == '[');
}

}  // namespace

Result<void> Redactor::add(const RuleText& rule, std::string_view part) {
  const std::size_t colon = part.find(':');
  const std::string_view kind = part.substr(0, colon);
  const std::string_view name = colon == std::string_view::npos ? std::string_view() : part.substr(colon + 1);
  if (kind != "header" && kind != "param" && kind != "json") {
    return rule_error(rule, kind, "expected header:NAME, param:NAME, json:NAME or json:/POINTER");
  }
  if (name.empty()) return rule_error(rule, part, fmt::format("write what to redact behind '{}:'", kind));
  if (kind == "param") {
    parameters_.emplace_back(name);
    for (const std::string_view field : url_fields) field_bits_ |= name_bit(field.size(), field.front());
  } else if (kind == "header") {
    if (!is_token(name)) return rule_error(rule, name, fmt::format("'{}' cannot be a header's name", name));
    add_header(name);
  } else if (!name.starts_with('/')) {
    json_.add_name(std::string(name));
  } else if (!json_.add_pointer(name)) {
    return rule_error(rule, name, "in a JSON pointer '~' is written ~0, and '/' within a name ~1 (RFC 6901)");
  }
  return {};
}

void Redactor::add_header(std::string_view name) {
  headers_.emplace_back(name);
  field_bits_ |= name_bit(name.size(), name.front());
}

std::optional<std::string> Redactor::field_value(std::string_view name, std::string_view value) const {
  if (name.empty() || !may_redact_field(name.size(), name.front())) return std::nullopt;
  const auto is_it = [&](std::string_view field) { return equals_ignoring_case(field, name); };
  if (std::ranges::any_of(headers_, is_it)) return marker_.text(value);
  if (!parameters_.empty() && std::ranges::any_of(url_fields, is_it)) return target(value);
  return std::nullopt;
}

std::optional<std::string> Redactor::target(std::string_view target) const {
  if (!may_redact_targets()) return std::nullopt;
  const TargetParts parts = split_target(target);
  const auto query = parameters(parts.query);
  if (!query) return std::nullopt;
  return std::string(target.substr(0, target.size() - parts.query.size())) + *query;
}

std::optional<std::string> Redactor::parameters(std::string_view text) const {
  std::string out;
  std::size_t copied = 0;
  ParameterReader reader(text);
  while (const auto parameter = reader.next()) {
    const auto names_it = [&](const std::string& name) { return decodes_to(parameter->name, name); };
    if (parameter->value.empty() || !std::ranges::any_of(parameters_, names_it)) continue;
    const auto value_at = static_cast<std::size_t>(parameter->value.data() - text.data());
    std::string storage;
    out.append(text.substr(copied, value_at - copied));
    out.append(marker_.encoded(decode_parameter(parameter->value, storage)));
    copied = value_at + parameter->value.size();
  }
  if (copied == 0) return std::nullopt;
  return out.append(text.substr(copied));
}

std::optional<std::string> Redactor::multipart(std::string_view content, std::string_view content_type) const {
  const auto replace = [&](std::string_view name, std::string_view value) -> std::optional<std::string> {
    if (std::ranges::find(parameters_, name) == parameters_.end()) return std::nullopt;
    return marker_.text(value);
  };
  const auto replace_damage = [&](std::string_view rest) { return marker_.text(rest); };
  return replace_parts(content, multipart_boundary(content_type), replace, replace_damage);
}

std::optional<std::string> Redactor::body(const HttpMessage& message) const {
  if (!may_redact_bodies() || message.body().content_size() == 0) return std::nullopt;
  const auto content_type = message.field("content-type");
  BodyKind kind = kind_of(content_type.value_or(std::string_view()));
  const bool json_only = kind == BodyKind::json || !content_type;
  if (json_only ? json_.empty() : (kind == BodyKind::unknown || parameters_.empty())) return std::nullopt;

  std::string content = message.body().content();
  const ContentCoding coding = content_coding_of(message);
  if (coding != ContentCoding::identity) {
    auto decoded = coding == ContentCoding::other ? std::nullopt : decode_content(coding, content);
    if (!decoded) return marker_.text(content);
    content = std::move(*decoded);
  }
  if (!content_type && looks_like_json(content)) kind = BodyKind::json;
  std::optional<std::string> redacted;
  if (kind == BodyKind::json) redacted = redact_json(content, json_, marker_);
  if (kind == BodyKind::form) redacted = parameters(content);
  if (kind == BodyKind::multipart) redacted = multipart(content, *content_type);
  if (redacted && coding != ContentCoding::identity) return encode_content(coding, *redacted);
  return redacted;
}

}  // namespace understudy
