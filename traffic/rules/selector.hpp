// Which part of a request a rule looks at: "path", "header:User-Agent", "param:tenant", ...
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "traffic/base/error.hpp"
#include "traffic/http/message.hpp"
#include "traffic/rules/query.hpp"
#include "traffic/rules/rule_text.hpp"

namespace understudy {

enum class Subject : std::uint8_t { method, path, url, client, header, param, cookie };

struct Selector {
  Subject subject = Subject::path;
  std::string name;  // of a header, parameter (decoded) or cookie

  // From "header:NAME" and so on. `part` is a piece of the rule's text.
  [[nodiscard]] static Result<Selector> parse(const RuleText& rule, std::string_view part);

  [[nodiscard]] bool has_name() const { return subject >= Subject::header; }
};

// Calls `visit(value)` for each value that the selector finds in a request, in order, until it returns true; tells
// whether it did. Values are as they were sent, parameters still encoded. REQUIRES: the subject is not client, which is
// no text.
template <typename Visit>
[[nodiscard]] bool any_value(const Selector& selector, const HttpMessage& request, Visit&& visit);

// The path with its query: the target without the scheme and host of an absolute form.
[[nodiscard]] std::string_view url_of(const HttpMessage& request);

// Takes the next "name=value" off a Cookie field's value (RFC 6265 section 4.2.1). False at its end.
[[nodiscard]] bool next_cookie(std::string_view& rest, std::string_view& name, std::string_view& value);

template <typename Visit>
bool any_value(const Selector& selector, const HttpMessage& request, Visit&& visit) {
  switch (selector.subject) {
    case Subject::method: return visit(request.method());
    case Subject::path: return visit(split_target(request.target()).path);
    case Subject::url: return visit(url_of(request));
    case Subject::client: return false;
    case Subject::header:
      for (const FieldLine& field : request.fields()) {
        if (equals_ignoring_case(request.name(field), selector.name) && visit(request.value(field))) return true;
      }
      return false;
    case Subject::param: {
      ParameterReader parameters(split_target(request.target()).query);
      while (const auto parameter = parameters.next()) {
        if (decodes_to(parameter->name, selector.name) && visit(parameter->value)) return true;
      }
      return false;
    }
    case Subject::cookie:
      for (const FieldLine& field : request.fields()) {
        if (!equals_ignoring_case(request.name(field), "cookie")) continue;
        std::string_view rest = request.value(field);
        std::string_view name;
        std::string_view value;
        while (next_cookie(rest, name, value)) {
          if (name == selector.name && visit(value)) return true;
        }
      }
      return false;
  }
  return false;
}

}  // namespace understudy
