#include "traffic/rules/rule_chain.hpp"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

#include "traffic/http/head_draft.hpp"
#include "traffic/rules/content_coding.hpp"
#include "traffic/rules/filter.hpp"
#include "traffic/rules/rate_limiter.hpp"
#include "traffic/rules/redactor.hpp"
#include "traffic/rules/rewrite.hpp"
#include "traffic/rules/sampler.hpp"

namespace understudy {
namespace {

constexpr std::size_t rules_max = 10'000;  // an index fits Admission::rule

constexpr std::array<std::string_view, 4> secret_headers{"Authorization", "Proxy-Authorization", "Cookie",
                                                         "Set-Cookie"};

constexpr std::string_view on_disk_suffix = " on disk";

// How often each rule decided. Relaxed and shared by all workers: one addition for each request, against a lock-free
// exchange in the limiter anyway.
using Decisions = std::vector<std::atomic<std::uint64_t>>;

}  // namespace

struct RuleSet::Parts {
  explicit Parts(Redactor on_disk, Redactor on_wire) : recording(std::move(on_disk)), wire(std::move(on_wire)) {}

  std::vector<Filter> deny;
  std::vector<Filter> allow;
  std::vector<Sampler> samplers;
  std::unique_ptr<RateLimiter> limiter;
  Edits edits;
  Redactor recording;
  Redactor wire;

  // Indexes in order of evaluation: deny, allow, samplers, limiter.
  std::vector<std::pair<std::string_view, std::string>> texts;  // option and rule
  mutable Decisions decisions;

  [[nodiscard]] Admission decided(bool pass, FilterReason reason, std::size_t rule) const {
    decisions[rule].fetch_add(1, std::memory_order_relaxed);
    return {pass, reason, static_cast<std::uint16_t>(rule)};
  }
};

RuleSet::RuleSet(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
RuleSet::~RuleSet() = default;

Admission RuleSet::admit(const CapturedRequest& request, RandomSource& random) const {
  const Parts& parts = *parts_;
  std::size_t rule = 0;
  for (const Filter& filter : parts.deny) {
    if (filter.matches(request)) return parts.decided(false, FilterReason::denied, rule);
    ++rule;
  }
  Admission admission;
  if (!parts.allow.empty()) {
    std::size_t chosen = 0;
    while (chosen < parts.allow.size() && !parts.allow[chosen].matches(request)) ++chosen;
    if (chosen == parts.allow.size()) return {false, FilterReason::not_allowed, Admission::no_rule};
    admission = parts.decided(true, {}, rule + chosen);
    rule += parts.allow.size();
  }
  for (const Sampler& sampler : parts.samplers) {
    if (!sampler.keeps(request, random)) return parts.decided(false, FilterReason::sampled_out, rule);
    ++rule;
  }
  if (parts.limiter && !parts.limiter->admit(request.last_byte)) {
    return parts.decided(false, FilterReason::rate_limited, rule);
  }
  return admission;
}

bool RuleSet::has_edits() const { return !parts_->edits.empty() || !parts_->wire.empty(); }

void RuleSet::apply(HeadDraft& draft, const CapturedRequest& request) const {
  parts_->edits.apply(draft);
  const Redactor& wire = parts_->wire;
  if (wire.empty()) return;
  if (const auto target = wire.target(draft.target())) draft.set_target(*target);
  for (std::size_t i = 0; i < draft.field_count(); ++i) {
    const auto value = wire.field_value(draft.field_name(i), draft.field_value(i));
    if (value) draft.set_field_value(i, *value);
  }
  if (!request.message.body().is_kept()) return;
  auto body = wire.body(request.message);
  if (!body) return;
  draft.replace_body(std::move(*body));
  // What cannot be decoded was replaced by a marker, which has no coding.
  if (content_coding_of(request.message) == ContentCoding::other) draft.remove_field("Content-Encoding");
}

const Redactor& RuleSet::recording_redactor() const { return parts_->recording; }

std::vector<RuleCount> RuleSet::rules() const {
  std::vector<RuleCount> rules;
  rules.reserve(parts_->texts.size());
  for (std::size_t i = 0; i < parts_->texts.size(); ++i) {
    const auto& [option, text] = parts_->texts[i];
    rules.push_back({option, text, parts_->decisions[i].load(std::memory_order_relaxed)});
  }
  return rules;
}

// Turns RuleOptions into the parts of a RuleSet, one option after the other, and stops at the first error.
class RuleCompiler {
 public:
  explicit RuleCompiler(const RuleOptions& options)
      : options_(options),
        parts_(std::make_unique<RuleSet::Parts>(Redactor(options.redact_key), Redactor(options.redact_key))) {}

  [[nodiscard]] Result<std::shared_ptr<const RuleSet>> compile() {
    Result<void> done = compile_all("deny", options_.deny, parts_->deny);
    if (done) done = compile_all("allow", options_.allow, parts_->allow);
    if (done) done = compile_all("sample", options_.sample, parts_->samplers);
    if (done) done = compile_limit();
    if (done) done = compile_edits();
    if (done) done = compile_redaction();
    if (!done) return tl::unexpected(std::move(done.error()));
    parts_->decisions = Decisions(parts_->texts.size());
    return std::shared_ptr<const RuleSet>(new RuleSet(std::move(parts_)));
  }

 private:
  template <typename Rule>
  [[nodiscard]] Result<void> compile_all(std::string_view option, const std::vector<std::string>& texts,
                                         std::vector<Rule>& rules) {
    for (const std::string& text : texts) {
      const RuleText rule{option, text};
      if (parts_->texts.size() == rules_max) return rule_error(rule, text, fmt::format("at most {} rules", rules_max));
      auto compiled = Rule::compile(rule);
      if (!compiled) return tl::unexpected(std::move(compiled.error()));
      rules.push_back(std::move(*compiled));
      parts_->texts.emplace_back(option, text);
    }
    return {};
  }

  [[nodiscard]] Result<void> compile_limit() {
    if (options_.limit.empty()) return {};
    const auto limit = Limit::parse({"limit", options_.limit});
    if (!limit) return tl::unexpected(limit.error());
    parts_->limiter = std::make_unique<RateLimiter>(limit->rate, limit->burst);
    parts_->texts.emplace_back("limit", options_.limit);
    return {};
  }

  [[nodiscard]] Result<void> compile_edits() {
    auto edits = Edits::compile(options_);
    if (!edits) return tl::unexpected(std::move(edits.error()));
    parts_->edits = std::move(*edits);
    return {};
  }

  [[nodiscard]] Result<void> compile_redaction() {
    if (!options_.keep_secrets) {
      for (const std::string_view name : secret_headers) parts_->recording.add_header(name);
    }
    for (const std::string& text : options_.redact) {
      const RuleText rule{"redact", text};
      std::string_view part = text;
      const bool only_on_disk = part.ends_with(on_disk_suffix);
      if (only_on_disk) part.remove_suffix(on_disk_suffix.size());
      if (auto done = parts_->recording.add(rule, part); !done) return done;
      if (only_on_disk) continue;
      if (auto done = parts_->wire.add(rule, part); !done) return done;
    }
    return {};
  }

  const RuleOptions& options_;
  std::unique_ptr<RuleSet::Parts> parts_;
};

Result<std::shared_ptr<const RuleSet>> compile_rules(const RuleOptions& options) {
  return RuleCompiler(options).compile();
}

}  // namespace understudy
