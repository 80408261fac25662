#include "traffic/net/proxy_settings.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "traffic/base/endpoint.hpp"

namespace understudy {
namespace {

struct Found {
  const char* variable;
  std::string value;
};

// The first of the variables that is set, even if it is set to nothing.
[[nodiscard]] std::optional<Found> first_set(const EnvironmentReader& environment, const char* lower,
                                             const char* upper) {
  for (const char* name : {lower, upper}) {
    if (auto value = environment(name)) return Found{name, std::move(*value)};
  }
  return std::nullopt;
}

// Takes ":port" off the end of a NO_PROXY entry. False when the entry is for another port.
[[nodiscard]] bool take_matching_port(std::string_view& entry, std::uint16_t port) {
  const std::size_t colon = entry.rfind(':');
  if (colon == std::string_view::npos) return true;
  const bool bracketed = entry.starts_with('[');
  if (bracketed ? entry.find(']') > colon : entry.find(':') != colon) return true;  // the colons are the address's own
  std::uint16_t entry_port = 0;
  const std::string_view digits = entry.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), entry_port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return true;
  entry = entry.substr(0, colon);
  return entry_port == port;
}

[[nodiscard]] bool equals_lower(std::string_view lower, std::string_view text) {
  if (lower.size() != text.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

[[nodiscard]] bool entry_covers(std::string_view entry, const TargetUrl& target) {
  if (entry == "*") return true;
  if (!take_matching_port(entry, target.port)) return false;
  if (entry.size() > 2 && entry.starts_with('[') && entry.ends_with(']')) entry = entry.substr(1, entry.size() - 2);
  if (const auto address = IpAddress::parse(target.host)) {
    const auto range = IpRange::parse(entry);
    return range && range->contains(*address);
  }
  if (entry.starts_with("*.")) entry.remove_prefix(1);
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (entry.empty() || entry.size() > target.host.size()) return false;
  const std::size_t offset = target.host.size() - entry.size();
  if (!equals_lower(std::string_view(target.host).substr(offset), entry)) return false;
  return offset == 0 || target.host[offset - 1] == '.';
}

}  // namespace

bool is_excluded_from_proxy(const TargetUrl& target, std::string_view no_proxy) {
  constexpr std::string_view separators = ", \t";
  while (true) {
    const std::size_t begin = no_proxy.find_first_not_of(separators);
    if (begin == std::string_view::npos) return false;
    no_proxy.remove_prefix(begin);
    const std::size_t end = std::min(no_proxy.find_first_of(separators), no_proxy.size());
    if (entry_covers(no_proxy.substr(0, end), target)) return true;
    no_proxy.remove_prefix(end);
  }
}

Result<std::optional<TargetUrl>> choose_proxy(const TargetUrl& target, std::string_view explicit_url,
                                              const EnvironmentReader& environment) {
  if (explicit_url == "direct") return std::nullopt;
  if (!explicit_url.empty()) {
    auto proxy = parse_proxy(explicit_url);
    if (!proxy) return tl::unexpected(std::move(proxy.error()));
    return std::optional<TargetUrl>(std::move(*proxy));
  }
  auto found = target.is_tls ? first_set(environment, "https_proxy", "HTTPS_PROXY")
                             : first_set(environment, "http_proxy", "HTTP_PROXY");
  if (!found) found = first_set(environment, "all_proxy", "ALL_PROXY");
  if (!found || found->value.empty()) return std::nullopt;
  const auto no_proxy = first_set(environment, "no_proxy", "NO_PROXY");
  if (no_proxy && is_excluded_from_proxy(target, no_proxy->value)) return std::nullopt;
  auto proxy = parse_proxy(found->value);
  if (!proxy) {
    return fail(ExitCode::target_invalid, fmt::format("environment variable {}: {}; set --proxy direct to ignore it",
                                                      found->variable, proxy.error().message));
  }
  return std::optional<TargetUrl>(std::move(*proxy));
}

}  // namespace understudy
