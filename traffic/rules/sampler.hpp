// Keeps a share of the requests: at random, or by the hash of a value, so that the same user, session or client is
// always in or always out, on every agent and after every restart.
//
// The hash is FNV-1a with 32 bits (RFC 9923) of the value as it was sent (of an address: its 4 or 16 bytes). A value
// falls into the bucket hash mod 100 plus (hash / 100 mod 10,000) / 10,000, and is kept when that is below the
// percentage. So for whole percentages the choice is the one of GoReplay's --http-header-limiter and
// --http-param-limiter, and a larger percentage keeps all that a smaller one kept. The hash has no key: who can choose
// the value can choose to be kept.
//
// A request without the value is kept at random by the same percentage, unless the rule says "else keep" (as GoReplay
// does) or "else drop".
//
// Thread safety: a const Sampler may be used from any thread, each with a RandomSource of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "traffic/base/error.hpp"
#include "traffic/base/units.hpp"
#include "traffic/http/exchange.hpp"
#include "traffic/rules/random_source.hpp"
#include "traffic/rules/rule_text.hpp"
#include "traffic/rules/selector.hpp"

namespace understudy {

class Sampler {
 public:
  // `sample` of the grammar in rule_options.hpp.
  [[nodiscard]] static Result<Sampler> compile(const RuleText& rule);

  [[nodiscard]] bool keeps(const CapturedRequest& request, RandomSource& random) const;

 private:
  enum class Otherwise : std::uint8_t { random, keep, drop };

  Percentage percentage_;
  std::optional<Selector> by_;  // empty: at random
  Otherwise otherwise_ = Otherwise::random;
};

// FNV-1a, 32 bits.
[[nodiscard]] std::uint32_t fnv1a_32(std::string_view bytes);

}  // namespace understudy
