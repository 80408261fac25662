// The rules, compiled: which requests pass, and how those that pass are edited.
//
// A RuleSet is immutable apart from its own counts and its limiter's clock, both atomic: it is shared by all workers
// and senders, and replaced whole on reload (see current_rules.hpp).
//
//   auto rules = compile_rules(options);
//   if (!rules) return report(rules.error());
//   RandomSource random(seed);                              // one for each worker
//   const Admission admission = (*rules)->admit(request, random);
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/error.hpp"
#include "traffic/http/exchange.hpp"
#include "traffic/observe/ledger.hpp"
#include "traffic/rules/random_source.hpp"
#include "traffic/rules/rule_options.hpp"

namespace understudy {

class HeadDraft;
class Redactor;

// What the rules say of one request.
struct Admission {
  static constexpr std::uint16_t no_rule = 0xFFFF;

  bool pass = true;
  FilterReason reason{};         // meaningful when it does not pass
  std::uint16_t rule = no_rule;  // index into rules() of the rule that decided, if one did
};

// One rule with how often it decided, for /status and /metrics.
struct RuleCount {
  std::string_view option;  // "deny", as in RuleOptions
  std::string_view text;    // as the user wrote it
  std::uint64_t requests = 0;
};

class RuleSet {
 public:
  ~RuleSet();
  RuleSet(const RuleSet&) = delete;
  RuleSet& operator=(const RuleSet&) = delete;

  // Whether the request goes on to the outputs. Called in the capture thread: takes no lock of ours, and allocates only
  // where a parameter with percent-encoding is compared by a regular expression. The limiter's time is the packet time
  // of the request's last byte, so that a capture file gives the same result on every run. REQUIRES: `random` is used
  // by one thread at a time.
  [[nodiscard]] Admission admit(const CapturedRequest& request, RandomSource& random) const;

  // Edits on the way to a shadow. The sender's thread calls them; when has_edits() is false there is nothing to do.
  [[nodiscard]] bool has_edits() const;
  // Edits target, fields and body. A replaced body comes with its Content-Length. Copies the body where one is looked
  // into.
  void apply(HeadDraft& draft, const CapturedRequest& request) const;

  // What is removed before a record reaches the disk or a log. Lives as long as the rule set.
  [[nodiscard]] const Redactor& recording_redactor() const;

  // Every rule in order of evaluation, with how often it decided: denied, allowed, sampled out, limited. Any thread.
  // The texts live as long as the rule set.
  [[nodiscard]] std::vector<RuleCount> rules() const;

 private:
  friend class RuleCompiler;
  struct Parts;
  explicit RuleSet(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

// Compiles rules. An error has ExitCode::usage and names the option, the rule, the place in it, and what is expected:
//   deny 'path=~^/a(b': at character 7 ("^/a(b"): missing ). Regular expressions are RE2's.
[[nodiscard]] Result<std::shared_ptr<const RuleSet>> compile_rules(const RuleOptions& options);

}  // namespace understudy
