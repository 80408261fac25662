// A plain copy of everything that the agent knows of itself at one moment, and its forms: /health, /status, /metrics.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/capture/engine_choice.hpp"
#include "agent/middleware_status.hpp"
#include "agent/safety/watchdog.hpp"
#include "agent/worker.hpp"
#include "traffic/observe/ledger_summary.hpp"
#include "traffic/observe/progress.hpp"
#include "traffic/observe/status_server.hpp"
#include "traffic/pipeline/forward_sink.hpp"
#include "traffic/rules/rule_chain.hpp"

namespace understudy {

// Sums over the workers, by name: shown in /status and /metrics in this order.
struct NamedCount {
  std::string name;
  std::uint64_t value = 0;
};

// 0 when there is none of that name.
[[nodiscard]] std::uint64_t count_of(const std::vector<NamedCount>& counts, std::string_view name);

struct AgentSnapshot {
  Nanoseconds uptime{};
  std::string instance_id;
  std::vector<std::string> engines;  // a description for each worker
  EngineChoice engine_choice;        // empty for a capture file
  EngineStatistics capture;
  std::vector<NamedCount> packet_problems;  // packets that decode could not use, by reason
  std::vector<NamedCount> streams;          // reassembly: flows, gaps, retransmissions, limits
  std::vector<NamedCount> connections;      // pairing: what the connections carried
  std::uint64_t segments = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t packets = 0;
  LedgerReport ledger;
  std::vector<ForwardSinkStatus> shadows;
  std::vector<MiddlewareStatus> middleware;  // one for each shadow, where there is one
  std::vector<NamedCount> rules;             // how often each decided
  std::uint64_t recording_queued = 0;
  std::size_t resident_bytes = 0;
  std::size_t memory_max = 0;
  double cpu_used = 0;    // of one core
  double keep_share = 1;  // below 1 while --max-cpu sheds
  WatchdogState watchdog = WatchdogState::ok;
};

// Adds one worker's counters to the sums.
void add_worker(AgentSnapshot& snapshot, const Worker& worker);

[[nodiscard]] HealthReport health_of(const AgentSnapshot& snapshot);
[[nodiscard]] std::vector<TestResult> tests_of(const AgentSnapshot& snapshot);
[[nodiscard]] std::string status_json(const AgentSnapshot& snapshot);
[[nodiscard]] std::string metrics_text(const AgentSnapshot& snapshot);
[[nodiscard]] ProgressSample progress_of(const AgentSnapshot& snapshot, MonotonicTime now);

}  // namespace understudy
