#include "traffic/command_line/rule_flags.hpp"

#include "traffic/command_line/option_group.hpp"

namespace understudy {

void define_rule_flags(CLI::App& command, RuleOptions& rules, std::string& redact_key_file) {
  OptionGroup group(command, "Rules (docs/rules.md)");
  group.each("--deny", rules.deny, "FILTER", "Leave out requests that match: 'method=OPTIONS', 'path=^/internal/'");
  group.each("--allow", rules.allow, "FILTER",
             "Leave out all but those that match: 'path=^/api/ and client=10.0.0.0/8'");
  group.each("--sample", rules.sample, "RULE", "Keep a part: 10%, or '10% by header:X-User' (cookie:, param:, client)");
  group.one("--limit", rules.limit, "RATE", "At most so many requests: 500/s");
  group.each("--rewrite-url", rules.rewrite_url, "RULE", "Change path and query: '^/v1/(.*) => /v2/\\1'");
  group.each("--set-param", rules.set_param, "NAME=VALUE", "Set a query parameter");
  group.each("--remove-param", rules.remove_param, "NAME", "Remove a query parameter");
  group.each("--set-header", rules.set_header, "NAME: VALUE", "Set a header");
  group.each("--remove-header", rules.remove_header, "NAME", "Remove a header");
  group.each("--rewrite-header", rules.rewrite_header, "RULE", "Change a header: 'X-Env: prod => rehearsal'");
  group.each("--redact", rules.redact, "RULE", "Hide a value: json:password, header:X-Api-Key, 'param:token on disk'");
  group.one("--redact-key-file", redact_key_file, "FILE", "Key that keeps equal hidden values equal");
}

}  // namespace understudy
