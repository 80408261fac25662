// The self-test of an installation: does the agent that runs here see the requests that its service gets?
//
// A probe sends one HEAD request to the service's port on this host, marked as mirrored, so that the agent counts it
// and sends it nowhere. The running agent must have seen it, by its own counters; where no agent runs, the doctor's
// capture must see it. An agent that captures where this host's own connections do not pass (one network card alone, or
// raw sockets on Windows) cannot see the probe: there the requests of others must show up within the time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/check/check.hpp"
#include "agent/safety/socket_table.hpp"

namespace understudy {

struct SelfTestRequest {
  CheckRequest check;
  std::string status_address;                       // of the agent: "127.0.0.1:9600", or "off"
  Nanoseconds time_max = std::chrono::seconds(30);  // until the service listens and its requests show up; 0: no test
  bool agent_required = false;                      // it is a failure when no agent answers there
};

// Takes up to the request's time, and as long as run_checks() when something failed: its report is added then.
[[nodiscard]] CheckReport run_self_test(const SelfTestRequest& request);

// The failed items in one line, for messages that have no room for more.
[[nodiscard]] std::string reasons_of(const CheckReport& report);

// What the running agent counted between the probe's start and the end of the test.
struct SelfTestSample {
  bool listens = false;             // something listens on a port of the service
  bool answered = false;            // the probe got a response
  std::string probe_failure;        // why not
  std::string probed;               // "127.0.0.1:8080"
  std::uint64_t probes_seen = 0;    // requests that carry the marker
  std::uint64_t requests_seen = 0;  // all of them
  std::uint64_t packets_seen = 0;
};

// The items "service", "probe" and "packets". Pure.
[[nodiscard]] std::vector<CheckItem> judge_self_test(const SelfTestSample& sample,
                                                     const std::vector<std::uint16_t>& ports, Nanoseconds waited);

// The value of one sample in Prometheus' text format, by its name with labels as they are printed:
// `understudy_requests_filtered_total{reason="self_traffic"}`. Empty when there is none. Pure.
[[nodiscard]] std::optional<std::uint64_t> metric_value(std::string_view metrics, std::string_view sample);

// Where a connection of this host reaches the port: on loopback, if it is listened on there and `addresses` (which
// limit the capture, and may be empty) allow it. Empty when nothing listens. Pure.
[[nodiscard]] std::optional<IpAddress> probe_address(const PortSockets& sockets, const std::vector<IpRange>& addresses);

}  // namespace understudy
