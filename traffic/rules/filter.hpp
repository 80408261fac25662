// One allow or deny rule: conditions that must all hold of a request.
//
// Thread safety: a const Filter may be used from any thread.
#pragma once

#include <string>
#include <vector>

#include "traffic/base/endpoint.hpp"
#include "traffic/base/error.hpp"
#include "traffic/http/exchange.hpp"
#include "traffic/rules/pattern.hpp"
#include "traffic/rules/rule_text.hpp"
#include "traffic/rules/selector.hpp"

namespace understudy {

class Filter {
 public:
  // `filter` of the grammar in rule_options.hpp.
  [[nodiscard]] static Result<Filter> compile(const RuleText& rule);

  // Allocates only to decode a parameter for a regular expression.
  [[nodiscard]] bool matches(const CapturedRequest& request) const;

 private:
  // What a condition asks of its subject. Each list has entries for one kind of comparison only; when all are empty,
  // the subject's presence is asked for.
  struct Condition {
    Selector selector;
    bool negated = false;
    std::vector<std::string> values;
    std::vector<IpRange> ranges;
    std::vector<Pattern> patterns;

    [[nodiscard]] bool finds(const CapturedRequest& request) const;
    [[nodiscard]] bool accepts(std::string_view value) const;
  };

  [[nodiscard]] static Result<Condition> compile_condition(const RuleText& rule, std::string_view part);
  [[nodiscard]] static Result<Condition> compile_comparison(const RuleText& rule, Condition condition, bool is_pattern,
                                                            std::string_view part);

  std::vector<Condition> conditions_;
};

}  // namespace understudy
