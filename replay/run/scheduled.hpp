// A request with the moment at which it is due.
#pragma once

#include <cstdint>

#include "replay/route/route_table.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/http/exchange.hpp"

namespace understudy {

struct Scheduled {
  ExchangePtr exchange;
  Nanoseconds due{};          // from the start of the run
  std::uint64_t session = 0;  // the recording's, told apart by turns where the recording is repeated
  std::uint64_t memory = 0;   // what it counts against limits
  std::uint64_t number = 0;   // its place in the run, from 1
  RouteId route = RouteTable::other;
};

// Why a recorded request was left out of a run on purpose. Names are part of the reports: append only.
enum class HeldBack : std::uint8_t {
  writes,       // a method other than GET, HEAD and OPTIONS, without --allow-writes
  no_body,      // its body was not recorded
  session,      // its session was not chosen by --sessions
  denied,       // a deny rule
  not_allowed,  // allow rules exist and none matched
  sampled_out,
  rate_limited,
  self_traffic,
  middleware,         // the user's middleware left it out
  middleware_failed,  // it could not judge it, and --middleware-fail is closed
};
inline constexpr std::size_t held_back_count = static_cast<std::size_t>(HeldBack::middleware_failed) + 1;

[[nodiscard]] constexpr const char* to_string(HeldBack reason) {
  switch (reason) {
    case HeldBack::writes: return "writes";
    case HeldBack::no_body: return "no_body";
    case HeldBack::session: return "session";
    case HeldBack::denied: return "denied";
    case HeldBack::not_allowed: return "not_allowed";
    case HeldBack::sampled_out: return "sampled_out";
    case HeldBack::rate_limited: return "rate_limited";
    case HeldBack::self_traffic: return "self_traffic";
    case HeldBack::middleware: return "middleware";
    case HeldBack::middleware_failed: return "middleware_failed";
  }
  return "unknown";
}

}  // namespace understudy
