#include "traffic/rules/pattern.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <cctype>
#include <cstddef>
#include <optional>
#include <utility>

namespace understudy {
namespace {

constexpr std::string_view arrow = " => ";

// A rewrite taken apart: views into the rule.
struct RewriteText {
  std::string_view expression;
  std::string_view replacement_template;
  bool every = false;
};

// "s#A#B#" or "s#A#B#g".
std::optional<RewriteText> split_substitution(std::string_view text) {
  if (text.size() < 4 || text[0] != 's' || std::ispunct(static_cast<unsigned char>(text[1])) == 0 || text[1] == '\\') {
    return std::nullopt;
  }
  const char delimiter = text[1];
  const std::size_t second = text.find(delimiter, 2);
  const std::size_t third = second == std::string_view::npos ? second : text.find(delimiter, second + 1);
  if (third == std::string_view::npos) return std::nullopt;
  const std::string_view flags = text.substr(third + 1);
  if (!flags.empty() && flags != "g") return std::nullopt;
  return RewriteText{text.substr(2, second - 2), text.substr(second + 1, third - second - 1), flags == "g"};
}

std::optional<RewriteText> split_rewrite(std::string_view text) {
  const std::size_t at = text.find(arrow);
  if (at == std::string_view::npos) return split_substitution(text);
  return RewriteText{trim_blanks(text.substr(0, at)), trim_blanks(text.substr(at + arrow.size())), false};
}

}  // namespace

Result<Pattern> Pattern::compile(const RuleText& rule, std::string_view part, std::string_view expression) {
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_max_mem(pattern_memory_max);
  options.set_log_errors(false);
  options.set_dot_nl(true);
  auto compiled = std::make_shared<const re2::RE2>(re2::StringPiece(expression.data(), expression.size()), options);
  if (compiled->ok()) return Pattern(std::move(compiled));
  // RE2 names the piece that it did not understand; where it stands in the rule is the position to show.
  const std::size_t at = compiled->error_arg().empty() ? std::string::npos : part.find(compiled->error_arg());
  const std::string_view place = at == std::string_view::npos ? part : part.substr(at);
  return rule_error(rule, place, fmt::format("{} (regular expressions are RE2's)", compiled->error()));
}

bool Pattern::matches(std::string_view text) const {
  return expression_->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), re2::RE2::UNANCHORED, nullptr,
                            0);
}

Result<Replacement> Replacement::compile(const RuleText& rule, std::string_view part) {
  const auto rewrite = split_rewrite(part);
  if (!rewrite) return rule_error(rule, part, "write REGEX => REPLACEMENT, or s#REGEX#REPLACEMENT#");
  if (rewrite->expression.empty()) return rule_error(rule, rewrite->expression, "the regular expression is empty");
  auto pattern = Pattern::compile(rule, rewrite->expression, rewrite->expression);
  if (!pattern) return tl::unexpected(std::move(pattern.error()));
  const std::string_view target = rewrite->replacement_template;
  std::string problem;
  if (!pattern->expression_->CheckRewriteString(re2::StringPiece(target.data(), target.size()), &problem)) {
    return rule_error(rule, target, problem);
  }
  return Replacement(std::move(*pattern), std::string(target), rewrite->every);
}

bool Replacement::apply(std::string& text) const {
  if (every_) return re2::RE2::GlobalReplace(&text, *pattern_.expression_, template_) > 0;
  return re2::RE2::Replace(&text, *pattern_.expression_, template_);
}

}  // namespace understudy
