#include "traffic/rules/sampler.hpp"

#include <cstddef>
#include <utility>

#include "traffic/base/bytes.hpp"

namespace understudy {
namespace {

// In millionths, like a percentage.
std::uint32_t bucket_of(std::uint32_t hash) {
  constexpr std::uint32_t millionths_of_a_percent = percentage_whole / 100;
  return (hash % 100) * millionths_of_a_percent + (hash / 100) % millionths_of_a_percent;
}

// Splits "A by B" at the first " by ", or leaves everything in the first.
std::pair<std::string_view, std::string_view> split_once(std::string_view text, std::string_view word) {
  const std::size_t at = text.find(word);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), trim_blanks(text.substr(at + word.size()))};
}

}  // namespace

std::uint32_t fnv1a_32(std::string_view bytes) {
  std::uint32_t hash = 0x811C9DC5U;
  for (const char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x01000193U;
  }
  return hash;
}

Result<Sampler> Sampler::compile(const RuleText& rule) {
  constexpr std::string_view by = " by ";
  const auto [share, rest] = split_once(rule.text, by);
  const auto percentage = parse_percentage(share);
  if (!percentage) return rule_error(rule, share, percentage.error().message);
  Sampler sampler;
  sampler.percentage_ = *percentage;
  if (share.size() == rule.text.size()) return sampler;

  const auto [value, otherwise] = split_once(rest, " else ");
  auto selector = Selector::parse(rule, trim_blanks(value));
  if (!selector) return tl::unexpected(std::move(selector.error()));
  if (selector->subject != Subject::client && !selector->has_name()) {
    return rule_error(rule, value, "sample by client, header:NAME, cookie:NAME or param:NAME");
  }
  sampler.by_ = std::move(*selector);
  if (otherwise == "keep") {
    sampler.otherwise_ = Otherwise::keep;
  } else if (otherwise == "drop") {
    sampler.otherwise_ = Otherwise::drop;
  } else if (value.size() != rest.size() && otherwise != "random") {
    return rule_error(rule, otherwise, "write else random, else keep or else drop");
  }
  return sampler;
}

bool Sampler::keeps(const CapturedRequest& request, RandomSource& random) const {
  if (by_) {
    if (by_->subject == Subject::client) {
      const IpAddress& address = request.client.address;
      const std::size_t length = address.is_v6 ? 16 : 4;
      return bucket_of(fnv1a_32(as_text(ByteView(address.bytes.data(), length)))) < percentage_.per_million;
    }
    std::uint32_t bucket = 0;
    const bool found = any_value(*by_, request.message, [&](std::string_view value) {
      bucket = bucket_of(fnv1a_32(value));
      return true;
    });
    if (found) return bucket < percentage_.per_million;
    if (otherwise_ != Otherwise::random) return otherwise_ == Otherwise::keep;
  }
  return random.below(percentage_whole) < percentage_.per_million;
}

}  // namespace understudy
