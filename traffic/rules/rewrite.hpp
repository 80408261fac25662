// The edits that rules make to a request on its way to a shadow: URL, parameters, header fields.
//
// Target edits see path and query of origin form and absolute form; "*" and authority form stay as they are. A result
// that does not begin with "/" gets one. Header edits never touch framing: rules that name a field which carries it are
// refused when they are compiled.
//
// Thread safety: a const Edits may be used from any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "traffic/base/error.hpp"
#include "traffic/http/head_draft.hpp"
#include "traffic/rules/pattern.hpp"
#include "traffic/rules/rule_options.hpp"

namespace understudy {

class Edits {
 public:
  // From the rewrite, set and remove rules; others are not looked at.
  [[nodiscard]] static Result<Edits> compile(const RuleOptions& options);

  [[nodiscard]] bool empty() const;
  void apply(HeadDraft& draft) const;

 private:
  using NameAndValue = std::pair<std::string, std::string>;
  struct HeaderRewrite {
    std::string name;
    Replacement replacement;
  };

  [[nodiscard]] Result<void> compile_target_edits(const RuleOptions& options);
  [[nodiscard]] Result<void> compile_header_edits(const RuleOptions& options);
  void apply_to_target(HeadDraft& draft) const;
  void apply_to_fields(HeadDraft& draft) const;

  std::vector<Replacement> url_rewrites_;
  std::vector<std::string> removed_parameters_;
  std::vector<NameAndValue> set_parameters_;
  std::vector<std::string> removed_headers_;
  std::vector<HeaderRewrite> header_rewrites_;
  std::vector<NameAndValue> set_headers_;
};

// Both work on a path with its query, in place; other parameters keep their bytes and order (empty ones, as in "a&&b",
// may go).
void remove_parameter(std::string& url, std::string_view name);
// Gives the first parameter of that name the value, removes further ones, and appends one if there is none.
void set_parameter(std::string& url, std::string_view name, std::string_view value);

}  // namespace understudy
