// What is compared in responses and what is not, as a user writes it, compiled.
//
//   ignore    := "/" POINTER | "json:/" POINTER | "json:" NAME | "header:" NAME | "headers" | "status" | "body"
//   keep      := "header:" NAME              compares a header that is ignored by default
//   tolerance := AMOUNT | POINTER "=" AMOUNT | "json:" NAME "=" AMOUNT      AMOUNT: "0.01" absolute, "1%" relative
//   unordered := "*" | POINTER | "json:" NAME
//
// A pointer is RFC 6901's, from the body's root; its segment "*" stands for any member or element: /items/*/updated_at.
// A name counts at any depth. An ignored value is left out with all that is in it. A tolerance with a pointer or a name
// replaces those for all numbers; where both are given for one place, either is enough.
//
// Ignored by default, for they differ between any two servers or moments: see ignored_headers. Of Set-Cookie the
// cookies' names and attributes are compared, not values, Expires and Max-Age; of Location, not scheme and host. A
// header that is kept is compared as it is.
//
// Thread safety: a const CompareRules may be used from any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "replay/compare/difference.hpp"
#include "replay/compare/pointer_tree.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// Whether a value must not be shown: `name` is a header's name, or the shape of a JSON difference. Called from the
// thread that compares.
using HidesValue = std::function<bool(DifferenceKind kind, std::string_view name)>;

struct CompareOptions {
  std::vector<std::string> ignore;
  std::vector<std::string> keep;
  std::vector<std::string> tolerance;
  std::vector<std::string> unordered;
  // Content beyond this is compared by its bytes.
  std::size_t body_max = std::size_t{8} << 20U;
  // Asked in addition to what is always hidden: the values of Authorization, Proxy-Authorization, Cookie and
  // Set-Cookie, and of JSON members whose name speaks of a password, a secret or a token.
  HidesValue hides_value;
};

class CompareRules {
 public:
  // The defaults.
  CompareRules();
  // ExitCode::usage with the rule and the position.
  [[nodiscard]] static Result<CompareRules> compile(const CompareOptions& options);

  [[nodiscard]] bool compares_status() const { return compares_status_; }
  [[nodiscard]] bool compares_headers() const { return compares_headers_; }
  [[nodiscard]] bool compares_body() const { return compares_body_; }
  [[nodiscard]] bool ignores_header(std::string_view name) const;
  // The header is to be compared as it is, because a rule asked for it.
  [[nodiscard]] bool keeps_header(std::string_view name) const;
  [[nodiscard]] const PointerTree& json() const { return json_; }
  [[nodiscard]] std::size_t body_max() const { return body_max_; }
  [[nodiscard]] bool hides(DifferenceKind kind, std::string_view name) const;

  // The headers that are ignored by default.
  [[nodiscard]] static std::span<const std::string_view> ignored_headers();

 private:
  [[nodiscard]] Result<void> add_ignore(std::string_view text);
  [[nodiscard]] Result<void> add_keep(std::string_view text);
  [[nodiscard]] Result<void> add_tolerance(std::string_view text);
  [[nodiscard]] Result<void> add_unordered(std::string_view text);

  bool compares_status_ = true;
  bool compares_headers_ = true;
  bool compares_body_ = true;
  std::vector<std::string> ignored_;  // beside the default ones
  std::vector<std::string> kept_;
  PointerTree json_;
  std::size_t body_max_ = std::size_t{8} << 20U;
  HidesValue hides_value_;
};

}  // namespace understudy
