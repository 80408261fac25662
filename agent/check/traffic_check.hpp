// The doctor's look at the wire: do packets of the port arrive, in which direction, and what do they carry?
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/capture/interfaces.hpp"
#include "agent/check/check.hpp"

namespace understudy {

// What was seen in a while.
struct TrafficSample {
  std::uint64_t packets_to_server = 0;
  std::uint64_t packets_to_client = 0;
  std::uint64_t requests = 0;  // payloads that begin with a request's start line
  std::uint64_t responses = 0;
  std::uint64_t http2 = 0;  // payloads, either direction
  std::uint64_t tls = 0;
  std::uint64_t other = 0;      // with payload
  std::uint64_t cut = 0;        // by the snap length
  std::uint64_t undecoded = 0;  // packets that could not be decoded down to TCP
  std::uint64_t dropped = 0;    // by the kernel or the interface
  unsigned networks = 0;        // interfaces besides loopback where packets of the port were seen, if the capture tells
  std::vector<std::string> interfaces;  // where packets of the port were seen, if the capture tells

  [[nodiscard]] std::uint64_t packets() const { return packets_to_server + packets_to_client; }
};

// What the sample means. `elsewhere`: interfaces that were not asked for and on which packets of the port were seen.
// Pure.
[[nodiscard]] CheckItem judge_traffic(const TrafficSample& sample, const CheckRequest& request, Nanoseconds watched,
                                      const std::vector<std::string>& elsewhere);

// Captures for up to the request's watch time, less when requests and responses are seen before. Without any packet it
// looks at the other interfaces as well.
[[nodiscard]] CheckItem check_traffic(const CheckRequest& request, const std::vector<Interface>& interfaces);

}  // namespace understudy
