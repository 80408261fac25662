// What a self-test's counters mean, in words.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "agent/check/self_test.hpp"

namespace understudy {
namespace {

CheckItem named(const char* name) {
  CheckItem item;
  item.name = name;
  return item;
}

CheckItem judge_service(const SelfTestSample& sample, const std::string& ports, double seconds) {
  CheckItem item = named("service");
  if (!sample.listens) {
    item.status = CheckStatus::failed;
    item.found = fmt::format("nothing listened on port {} for {:.0f} s", ports, seconds);
    item.advice = "start the service before the self-test, or correct 'port'";
  } else if (!sample.answered) {
    item.status = CheckStatus::failed;
    item.found = fmt::format("{} did not answer the probe: {}", sample.probed, sample.probe_failure);
    item.advice = "the service must speak HTTP/1.1 without TLS on this port";
  } else {
    item.found = fmt::format("{} answered the probe", sample.probed);
  }
  return item;
}

CheckItem judge_probe_seen(const SelfTestSample& sample) {
  CheckItem item = named("probe");
  if (sample.probes_seen > 0) {
    item.found = "the agent saw the probe's request, and sent it nowhere";
  } else if (!sample.answered) {
    item.status = CheckStatus::skipped;
    item.found = "there was nothing to be seen";
  } else if (sample.requests_seen > 0) {
    item.status = CheckStatus::warning;
    item.found = "the agent sees requests of others, but not those of this host itself";
    item.advice = "nothing to do, unless the service is called from this host: capture on loopback as well then";
  } else {
    item.status = CheckStatus::failed;
    item.found = "the agent did not see the probe's request";
    item.advice = "see below; 'understudy-agent check' says more";
  }
  return item;
}

CheckItem judge_packets(const SelfTestSample& sample, const std::string& ports, double seconds) {
  CheckItem item = named("traffic");
  item.found = fmt::format("{} requests in {} packets of port {} within {:.1f} s", sample.requests_seen,
                           sample.packets_seen, ports, seconds);
  if (sample.requests_seen > 0) return item;
  item.status = CheckStatus::failed;
  item.advice = sample.packets_seen == 0
                    ? "the agent captures where the port's packets do not pass: see 'interface'"
                    : "packets come and no request begins in them: the port speaks another protocol, or TLS";
  return item;
}

}  // namespace

std::vector<CheckItem> judge_self_test(const SelfTestSample& sample, const std::vector<std::uint16_t>& ports,
                                       Nanoseconds waited) {
  const std::string port_list = fmt::format("{}", fmt::join(ports, ", "));
  const double seconds = std::chrono::duration<double>(waited).count();
  return {judge_service(sample, port_list, seconds), judge_probe_seen(sample),
          judge_packets(sample, port_list, seconds)};
}

std::string reasons_of(const CheckReport& report) {
  std::string reasons;
  for (const CheckItem& item : report.items) {
    if (item.status != CheckStatus::failed) continue;
    reasons += fmt::format("{}{}: {}", reasons.empty() ? "" : "; ", item.name, item.found);
    if (!item.advice.empty()) reasons += fmt::format(" ({})", item.advice);
  }
  return reasons;
}

std::optional<std::uint64_t> metric_value(std::string_view metrics, std::string_view sample) {
  while (!metrics.empty()) {
    const std::size_t end = std::min(metrics.find('\n'), metrics.size());
    std::string_view line = metrics.substr(0, end);
    metrics.remove_prefix(std::min(end + 1, metrics.size()));
    if (!line.starts_with(sample) || line.size() <= sample.size() || line[sample.size()] != ' ') continue;
    line.remove_prefix(sample.size() + 1);
    std::uint64_t value = 0;
    const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), value);
    if (error == std::errc{} && stop == line.data() + line.size()) return value;
  }
  return std::nullopt;
}

std::optional<IpAddress> probe_address(const PortSockets& sockets, const std::vector<IpRange>& addresses) {
  const auto captured = [&](const IpAddress& address) {
    return addresses.empty() ||
           std::ranges::any_of(addresses, [&](const IpRange& range) { return range.contains(address); });
  };
  for (const IpAddress& listening : sockets.listening) {
    const IpAddress any = IpAddress{{}, listening.is_v6};
    if (listening != any) {
      if (captured(listening)) return listening;
      continue;
    }
    constexpr std::array<std::uint8_t, 4> loopback_v4{127, 0, 0, 1};
    constexpr std::array<std::uint8_t, 16> loopback_v6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    const IpAddress loopback = listening.is_v6 ? IpAddress::v6(loopback_v6.data()) : IpAddress::v4(loopback_v4.data());
    if (captured(loopback)) return loopback;
    for (const IpRange& range : addresses) {
      const bool is_one = range.prefix_length == (range.base.is_v6 ? 128 : 32);
      if (is_one && range.base.is_v6 == listening.is_v6) return range.base;
    }
  }
  return sockets.listening.empty() ? std::nullopt : std::optional(sockets.listening.front());
}

}  // namespace understudy
