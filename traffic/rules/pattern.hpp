// A compiled regular expression, and a replacement by one. RE2: time linear in the text, whatever the pattern.
//
// Patterns and texts are bytes (Latin-1), because what is on the wire need not be UTF-8. Each pattern's automaton is
// bounded to pattern_memory_max bytes; beyond it RE2 gets slower, not wrong.
//
// Thread safety: const objects may be used from any thread (RE2 guards its automaton's cache by a reader lock of its
// own).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "traffic/base/error.hpp"
#include "traffic/rules/rule_text.hpp"

namespace re2 {
class RE2;
}

namespace understudy {

inline constexpr std::int64_t pattern_memory_max = 1 << 20;

class Pattern {
 public:
  // `expression` is what to compile; `part` is where it stands in the rule, for the error's position.
  [[nodiscard]] static Result<Pattern> compile(const RuleText& rule, std::string_view part,
                                               std::string_view expression);

  // Whether it matches anywhere in the text.
  [[nodiscard]] bool matches(std::string_view text) const;

 private:
  friend class Replacement;
  explicit Pattern(std::shared_ptr<const re2::RE2> expression) : expression_(std::move(expression)) {}

  std::shared_ptr<const re2::RE2> expression_;
};

// `rewrite` of rule_options.hpp: a pattern and what takes the place of its match.
class Replacement {
 public:
  [[nodiscard]] static Result<Replacement> compile(const RuleText& rule, std::string_view part);

  // Replaces the first match, or every one with the flag g. True when there was a match.
  [[nodiscard]] bool apply(std::string& text) const;
  // What stands in place of a match, with \0 to \9 for captures.
  [[nodiscard]] std::string_view replacement_template() const { return template_; }

 private:
  Replacement(Pattern pattern, std::string replacement_template, bool every)
      : pattern_(std::move(pattern)), template_(std::move(replacement_template)), every_(every) {}

  Pattern pattern_;
  std::string template_;
  bool every_;
};

}  // namespace understudy
