// `understudy-agent check`: gives the doctor what the options say, and prints what it found.
#include <fmt/format.h>

#include <cstdio>

#include "agent/agent.hpp"
#include "agent/check/check.hpp"
#include "agent/engines.hpp"

namespace understudy {

CheckRequest check_request(const AgentOptions& options) {
  CheckRequest request;
  request.engine = options.capture.engine;
  request.ports = options.capture.ports;
  request.capture.interfaces = options.capture.interfaces;
  request.capture.filter = packet_filter(options.capture);
  request.capture.buffer_bytes = options.capture.buffer_bytes;
  request.capture.snap_length = options.capture.snap_length;
  request.capture.promiscuous = options.capture.promiscuous;
  request.capture.delivery_delay = options.capture.delivery_delay;
  request.tunnels = options.capture.tunnels;
  request.watch_time = options.check_duration;
  for (const ShadowRoute& route : options.shadow.routes) request.routes.push_back({route.target, route.proxy});
  request.tls = options.shadow.tls;
  request.connect_timeout = options.shadow.connect_timeout;
  return request;
}

SelfTestRequest self_test_request(const AgentOptions& options) {
  return {check_request(options), options.observe.status_address, options.self_test_time, false};
}

Result<ExitCode> run_check(const AgentOptions& options) {
  if (options.capture.read_path) {
    return fail(ExitCode::usage, "check looks at the wire, and cannot read a capture file: leave --read out");
  }
  const CheckReport report =
      options.self_test ? run_self_test(self_test_request(options)) : run_checks(check_request(options));
  fmt::print("{}", options.json ? check_report_json(report) + "\n" : format_check_report(report));
  std::fflush(stdout);
  return report.would_work() ? ExitCode::ok : options.self_test ? ExitCode::self_test_failed : ExitCode::check_failed;
}

}  // namespace understudy
