// The doctor: why is nothing captured, and what cannot be reached?
//
// It looks at the host (permission, capture library, interfaces, sockets on the port, offloading and snap length), at
// the wire (do packets of the port arrive now, in both directions, and are they HTTP?), and at the way to each target
// (name, connection, proxy, TLS, answer). It uses the code that `run` uses, so that what it finds holds there.
//
// What it does to others: one HEAD request to each target, marked as mirrored, and nothing to production. It makes no
// change on the host. An interface is not put into promiscuous mode unless the options ask for it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "agent/capture/engine_choice.hpp"
#include "agent/check/check_report.hpp"
#include "traffic/net/target.hpp"
#include "traffic/net/tls.hpp"

namespace understudy {

struct CheckRequest {
  struct Route {
    TargetUrl target;
    std::optional<TargetUrl> proxy;
  };

  std::string engine = std::string(automatic_engine);
  std::vector<std::uint16_t> ports;
  LiveOptions capture;  // as `run` would open it; fan_out and on_event are not used
  bool tunnels = false;
  Nanoseconds watch_time = std::chrono::seconds(5);  // how long to look for packets at most
  std::vector<Route> routes;
  TlsOptions tls;
  Nanoseconds connect_timeout = std::chrono::seconds(5);
  Nanoseconds response_timeout = std::chrono::seconds(10);
};

// Everything. Takes up to twice the watch time, and for each target the time-outs when it does not answer.
[[nodiscard]] CheckReport run_checks(const CheckRequest& request);

// What can be told at once, for the start of `run`: permission, interfaces, sockets, offloading. Opens no connection
// and captures nothing.
[[nodiscard]] CheckReport run_quick_checks(const CheckRequest& request);

}  // namespace understudy
