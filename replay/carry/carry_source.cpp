#include "replay/carry/carry_source.hpp"

#include "traffic/rules/content_coding.hpp"
#include "traffic/rules/marker.hpp"
#include "traffic/rules/selector.hpp"

namespace understudy {

std::optional<std::string> CarrySourceReader::value(const CarryRule& rule) {
  std::optional<std::string> found;
  switch (rule.source) {
    case CarrySource::json:
      static_cast<void>(replace_json(content(), rule.source_selection, [&found](std::string_view value, bool) {
        if (!found) found = value;
        return std::optional<std::string>();
      }));
      break;
    case CarrySource::header:
      if (const auto value = response_.field(rule.source_name)) found = *value;
      break;
    case CarrySource::cookie:
      for (const auto& [name, value] : cookies()) {
        if (name == rule.source_name) found = value;
      }
      break;
  }
  if (found && (found->empty() || is_marker(*found))) return std::nullopt;
  return found;
}

std::vector<std::pair<std::string_view, std::string_view>> CarrySourceReader::cookies() const {
  std::vector<std::pair<std::string_view, std::string_view>> cookies;
  for (const FieldLine& field : response_.fields()) {
    if (!equals_ignoring_case(response_.name(field), "set-cookie")) continue;
    // A Set-Cookie value begins as a Cookie one does; attributes follow the first pair (RFC 6265 section 4.1.1).
    std::string_view rest = response_.value(field);
    std::string_view name;
    std::string_view value;
    if (is_marker(rest) || !next_cookie(rest, name, value)) continue;
    cookies.emplace_back(name, value);
  }
  return cookies;
}

const std::string& CarrySourceReader::content() {
  if (content_) return *content_;
  content_.emplace();
  const Body& body = response_.body();
  if (!body.is_kept() || body.content_size() > body_max_) return *content_;
  const ContentCoding coding = content_coding_of(response_);
  if (coding == ContentCoding::identity) {
    content_ = body.content();
  } else if (coding != ContentCoding::other) {
    if (auto plain = decode_content(coding, body.content())) content_ = std::move(*plain);
  }
  return *content_;
}

}  // namespace understudy
