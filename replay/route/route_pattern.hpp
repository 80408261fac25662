// One route as the user writes it.
//
//   pattern := [ METHOD " " ] ( path | "~" REGEX )
//   path    := "/" segments; "*" and "{name}" are any one segment that is not empty, "**" at the end any rest
//
// "GET /orders/*/items", "/orders/{order}/**", "~^/v[0-9]+/x", "POST ~^/upload/". A path pattern matches whole paths, a
// regular expression (RE2, bytes) anywhere in the path. The query is not part of a path; percent-encoding stays as it
// was sent. Without a method the pattern holds for each method, and gives each a route of its own.
//
// Thread safety: a const RoutePattern may be used from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/error.hpp"
#include "traffic/rules/pattern.hpp"

namespace understudy {

class RoutePattern {
 public:
  // ExitCode::usage with the position.
  [[nodiscard]] static Result<RoutePattern> compile(std::string_view text);

  // `path` is of origin form, without the query.
  [[nodiscard]] bool matches(std::string_view method, std::string_view path) const;
  // Without the method: what stands behind it in the route's name.
  [[nodiscard]] std::string_view path_name() const { return path_name_; }

 private:
  RoutePattern() = default;
  [[nodiscard]] bool matches_segments(std::string_view path) const;

  std::string method_;  // empty: any
  std::string path_name_;
  std::optional<Pattern> expression_;
  std::vector<std::string> segments_;  // "*" is any one; when there is no expression
  bool any_rest_ = false;
};

}  // namespace understudy
