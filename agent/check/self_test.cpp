#include "agent/check/self_test.hpp"

#include <fmt/format.h>

#include <atomic>
#include <iterator>
#include <thread>

#include "agent/capture/interfaces.hpp"
#include "agent/check/traffic_check.hpp"
#include "traffic/net/http_get.hpp"
#include "traffic/net/target_probe.hpp"
#include "traffic/rules/self_traffic.hpp"

namespace understudy {
namespace {

constexpr Nanoseconds step = std::chrono::milliseconds(200);
constexpr Nanoseconds retry_interval = std::chrono::seconds(1);  // of a probe that nobody answered
constexpr Nanoseconds others_suffice = std::chrono::seconds(3);  // behind the probe: then it will not be seen any more
constexpr Nanoseconds start_time_max = std::chrono::seconds(3);  // of an agent, until its status server answers
constexpr Nanoseconds doctor_time_max = std::chrono::seconds(5);
constexpr Nanoseconds probe_timeout = std::chrono::seconds(5);
constexpr std::size_t metrics_bytes_max = std::size_t{4} << 20;

struct Counters {
  std::uint64_t packets = 0;
  std::uint64_t requests = 0;
  std::uint64_t probes = 0;
};

// Asks the running agent. Empty: none answers there.
class RunningAgent {
 public:
  explicit RunningAgent(const std::string& status_address) : server_(Endpoint::parse(status_address)) {
    if (!server_) return;
    // An agent that listens on every address is asked on loopback.
    const std::vector<IpRange> anywhere;
    PortSockets sockets;
    sockets.listening = {server_->address};
    server_->address = *probe_address(sockets, anywhere);
  }

  // An agent that was started a moment ago is waited for.
  [[nodiscard]] std::optional<Counters> first_counters() const {
    std::optional<Counters> counters = this->counters();
    for (Nanoseconds waited{}; server_ && !counters && waited < start_time_max; waited += step) {
      std::this_thread::sleep_for(step);
      counters = this->counters();
    }
    return counters;
  }

  [[nodiscard]] std::optional<Counters> counters() const {
    if (!server_) return std::nullopt;
    const Result<HttpAnswer> answer = http_get(*server_, "/metrics", probe_timeout, metrics_bytes_max);
    if (!answer || answer->status != 200) return std::nullopt;
    const auto requests = metric_value(answer->body, "understudy_requests_seen_total");
    if (!requests) return std::nullopt;  // somebody else listens there
    const auto value = [&](std::string_view name) { return metric_value(answer->body, name).value_or(0); };
    return Counters{value("understudy_segments_total"), *requests,
                    value(R"(understudy_requests_filtered_total{reason="self_traffic"})")};
  }

 private:
  std::optional<Endpoint> server_;
};

// Where the service can be reached from here; empty while nothing listens.
std::optional<Endpoint> find_service(const CheckRequest& request) {
  for (const std::uint16_t port : request.ports) {
    const std::uint16_t one[] = {port};
    const Result<PortSockets> sockets = read_port_sockets(one);
    if (!sockets) continue;
    if (const auto address = probe_address(*sockets, request.capture.filter.addresses)) return Endpoint{*address, port};
  }
  return std::nullopt;
}

// One try. Fills in what the sample has to say of the service.
void probe(const CheckRequest& request, SelfTestSample& sample) {
  const std::optional<Endpoint> service = find_service(request);
  sample.listens = service.has_value();
  if (!service) return;
  sample.probed = service->to_string();
  ProbeOptions options;
  options.target.host = service->address.to_string();
  options.target.is_ipv6_literal = service->address.is_v6;
  options.target.port = service->port;
  options.connect_timeout = probe_timeout;
  options.response_timeout = probe_timeout;
  options.extra_fields = fmt::format("{}: self-test\r\n", mirrored_header);
  const ProbeReport report = probe_target(options);
  sample.answered = report.failed_at == ProbeStep::done;
  sample.probe_failure = report.failure;
}

CheckItem agent_item(bool answers, const SelfTestRequest& request) {
  CheckItem item;
  item.name = "agent";
  item.found = fmt::format("the running agent is asked at {}", request.status_address);
  if (answers) return item;
  item.found = request.status_address == "off" ? "the agent serves no status ('status-address' is off)"
                                               : fmt::format("no agent answers at {}", request.status_address);
  item.status = request.agent_required ? CheckStatus::failed : CheckStatus::ok;
  if (request.agent_required) item.advice = "look at its log; without a status address there is no self-test";
  if (!request.agent_required) item.found += "; the self-test captures by itself";
  return item;
}

// By the counters of the agent that runs.
std::vector<CheckItem> watch_agent(const SelfTestRequest& request, const RunningAgent& agent, const Counters& before) {
  SelfTestSample sample;
  const MonotonicTime start = system_clock().monotonic_now();
  MonotonicTime now = start;
  MonotonicTime next_probe = start;
  MonotonicTime answered_at = start;
  while (now - start < request.time_max) {
    if (!sample.answered && now >= next_probe) {
      probe(request.check, sample);
      answered_at = system_clock().monotonic_now();
      next_probe = answered_at + retry_interval;
    }
    if (const auto counters = agent.counters()) {
      sample.packets_seen = counters->packets - before.packets;
      sample.requests_seen = counters->requests - before.requests;
      sample.probes_seen = counters->probes - before.probes;
    }
    now = system_clock().monotonic_now();
    if (sample.probes_seen > 0 && sample.answered) break;
    if (sample.answered && sample.requests_seen > 0 && now - answered_at > others_suffice) break;
    std::this_thread::sleep_for(step);
    now = system_clock().monotonic_now();
  }
  return judge_self_test(sample, request.check.ports, now - start);
}

// By a capture of our own, while another thread sends the probe.
std::vector<CheckItem> watch_wire(const SelfTestRequest& request) {
  const auto interfaces = list_interfaces();
  if (!interfaces) {
    CheckItem item;
    item.name = "interfaces";
    item.status = CheckStatus::failed;
    item.found = interfaces.error().message;
    return {item};
  }
  CheckRequest watched = request.check;
  watched.watch_time = request.time_max;
  SelfTestSample sample;
  std::atomic<bool> over{false};
  std::thread prober([&] {
    // The capture is open by then; a probe that it misses is one of several.
    while (!over.load()) {
      std::this_thread::sleep_for(step);
      probe(request.check, sample);
      for (Nanoseconds waited{}; waited < retry_interval && !over.load(); waited += step) {
        std::this_thread::sleep_for(step);
      }
    }
  });
  CheckItem packets = check_traffic(watched, *interfaces);
  over.store(true);
  prober.join();
  std::vector<CheckItem> items = judge_self_test(sample, request.check.ports, request.time_max);
  items.resize(1);  // what the service did; the capture tells the rest
  items.push_back(std::move(packets));
  return items;
}

}  // namespace

CheckReport run_self_test(const SelfTestRequest& request) {
  CheckReport report;
  if (request.time_max <= Nanoseconds::zero()) {
    CheckItem item;
    item.name = "self_test";
    item.status = CheckStatus::skipped;
    item.found = "left out: 'self-test-time' is 0";
    return {{item}};
  }
  const RunningAgent agent(request.status_address);
  const std::optional<Counters> before = agent.first_counters();
  report.items.push_back(agent_item(before.has_value(), request));
  if (before || !request.agent_required) {
    std::vector<CheckItem> items = before ? watch_agent(request, agent, *before) : watch_wire(request);
    std::move(items.begin(), items.end(), std::back_inserter(report.items));
  }
  if (report.would_work()) return report;
  CheckRequest doctor = request.check;
  doctor.watch_time = std::min(doctor.watch_time, doctor_time_max);
  CheckReport reasons = run_checks(doctor);
  std::move(reasons.items.begin(), reasons.items.end(), std::back_inserter(report.items));
  return report;
}

}  // namespace understudy
