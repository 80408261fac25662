#include "agent/snapshot.hpp"

#include <fmt/format.h>

#include "traffic/command_line/version.hpp"
#include "traffic/observe/metrics.hpp"

namespace understudy {
namespace {

// Adds to the entry of that name, made on first use: every worker names the same ones in the same order.
void add(std::vector<NamedCount>& counts, std::string_view name, std::uint64_t value) {
  for (NamedCount& count : counts) {
    if (count.name == name) {
      count.value += value;
      return;
    }
  }
  counts.push_back({std::string(name), value});
}

void add_streams(std::vector<NamedCount>& counts, const ReassemblyStatistics& streams) {
  add(counts, "flows_opened", streams.flows_opened.value());
  add(counts, "flows_open", streams.flows_open());
  add(counts, "flows_midstream", streams.flows_midstream.value());
  add(counts, "flows_expired", streams.flows_expired.value());
  add(counts, "flows_evicted", streams.flows_evicted.value());
  add(counts, "flows_port_reused", streams.flows_port_reused.value());
  add(counts, "gaps_missing", streams.gaps_missing.value());
  add(counts, "gap_bytes_missing", streams.gap_bytes_missing.value());
  add(counts, "gaps_truncated", streams.gaps_truncated.value());
  add(counts, "gap_bytes_truncated", streams.gap_bytes_truncated.value());
  add(counts, "out_of_order_segments", streams.out_of_order_segments.value());
  add(counts, "retransmitted_bytes", streams.retransmitted_bytes.value());
  add(counts, "overlaps_differing", streams.overlaps_differing.value());
  add(counts, "stream_limit_hits", streams.stream_limit_hits.value());
  add(counts, "total_limit_hits", streams.total_limit_hits.value());
  add(counts, "bytes_buffered", streams.bytes_buffered());
}

void add_connections(std::vector<NamedCount>& counts, const PairingStatistics& pairing) {
  add(counts, "connections", pairing.connections.value());
  add(counts, "joined_midstream", pairing.connections_joined_midstream.value());
  add(counts, "http2_not_mirrored", pairing.connections_http2.value());
  add(counts, "tls_not_mirrored", pairing.connections_tls.value());
  add(counts, "unknown_protocol", pairing.connections_unknown.value());
  add(counts, "tunnels_upgraded", pairing.tunnels_upgraded.value());
  add(counts, "tunnels_connect", pairing.tunnels_connect.value());
  add(counts, "responses", pairing.responses.value());
  add(counts, "responses_interim", pairing.responses_interim.value());
  add(counts, "responses_unmatched", pairing.responses_unmatched.value());
  add(counts, "responses_incomplete", pairing.responses_incomplete.value());
  add(counts, "exchanges_without_response", pairing.exchanges_without_response.value());
  add(counts, "bytes_skipped", pairing.bytes_skipped.value());
  add(counts, "bytes_tunnelled", pairing.bytes_tunnelled.value());
}

void write_counts(JsonWriter& json, std::string_view name, const std::vector<NamedCount>& counts) {
  json.key(name).begin_object();
  for (const NamedCount& count : counts) json.member(count.name, count.value);
  json.end_object();
}

void write_milliseconds(JsonWriter& json, std::string_view name, const HistogramSnapshot& durations) {
  const auto milliseconds = [](std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; };
  json.key(name).begin_object();
  json.member("count", durations.count());
  json.member("p50", milliseconds(durations.quantile(0.5)));
  json.member("p90", milliseconds(durations.quantile(0.9)));
  json.member("p99", milliseconds(durations.quantile(0.99)));
  json.member("max", milliseconds(durations.maximum()));
  json.end_object();
}

void write_shadow(JsonWriter& json, const ForwardSinkStatus& shadow) {
  json.begin_object();
  json.member("name", shadow.name);
  json.member("breaker", to_string(shadow.sender.breaker));
  json.member("queued", shadow.queued);
  json.member("queued_bytes", shadow.queued_bytes);
  json.member("in_flight", shadow.sender.in_flight);
  json.member("connections_open", shadow.sender.connections_open);
  json.member("connects", shadow.sender.connects);
  json.member("connect_failures", shadow.sender.connect_failures);
  json.member("bytes_sent", shadow.sender.bytes_sent);
  json.member("bytes_received", shadow.sender.bytes_received);
  json.key("responses").begin_object();
  for (unsigned status_class = 1; status_class < 6; ++status_class) {
    json.member(fmt::format("{}xx", status_class), shadow.sender.responses[status_class]);
  }
  json.member("other", shadow.sender.responses[0]).end_object();
  write_milliseconds(json, "wire_to_shadow_ms", shadow.wire_to_shadow_delay_ns);
  write_milliseconds(json, "response_latency_ms", shadow.response_latency_ns);
  if (shadow.sender.last_error.empty()) {
    json.key("last_error").null();
  } else {
    json.member("last_error", shadow.sender.last_error);
  }
  json.end_object();
}

void write_engine_choice(JsonWriter& json, const EngineChoice& choice) {
  json.key("engine_choice").begin_object();
  json.member("asked", choice.asked).member("chosen", choice.chosen).member("caveat", choice.caveat);
  json.key("refused").begin_array();
  for (const EngineRefusal& refusal : choice.refused) {
    json.begin_object().member("engine", refusal.engine).member("reason", refusal.reason).end_object();
  }
  json.end_array().end_object();
}

std::string_view watchdog_text(WatchdogState state) {
  switch (state) {
    case WatchdogState::ok: return "ok";
    case WatchdogState::idle: return "idle";
    case WatchdogState::warning: return "connections_but_no_packets";
  }
  return "unknown";
}

void write_capture_metrics(MetricsText& text, const AgentSnapshot& snapshot) {
  text.family("understudy_build_info", MetricType::gauge, "Which build this is; always 1.");
  text.sample({{"version", build_version().version}, {"commit", build_version().commit}}, std::uint64_t{1});
  text.family("understudy_capture_packets_total", MetricType::counter, "Packets that the capture engine received.");
  text.sample({}, snapshot.capture.packets_received);
  text.family("understudy_segments_total", MetricType::counter, "TCP segments of the service's ports.");
  text.sample({}, snapshot.segments);
  text.family("understudy_capture_dropped_packets_total", MetricType::counter, "Packets that never reached the agent.");
  text.sample({{"where", "kernel"}}, snapshot.capture.dropped_by_kernel);
  text.sample({{"where", "interface"}}, snapshot.capture.dropped_by_interface);
  text.family("understudy_packet_problems_total", MetricType::counter, "Packets that could not be decoded, by reason.");
  for (const NamedCount& count : snapshot.packet_problems) text.sample({{"reason", count.name}}, count.value);
  text.family("understudy_stream_events", MetricType::gauge, "What TCP reassembly met, by kind; since the start.");
  for (const NamedCount& count : snapshot.streams) text.sample({{"kind", count.name}}, count.value);
  text.family("understudy_connection_events", MetricType::gauge,
              "What the connections carried, by kind; since the start.");
  for (const NamedCount& count : snapshot.connections) text.sample({{"kind", count.name}}, count.value);
}

void write_process_metrics(MetricsText& text, const AgentSnapshot& snapshot) {
  text.family("understudy_resident_memory_bytes", MetricType::gauge, "Resident memory of the agent.");
  text.sample({}, static_cast<std::uint64_t>(snapshot.resident_bytes));
  text.family("understudy_memory_limit_bytes", MetricType::gauge, "The bound that --max-memory sets.");
  text.sample({}, static_cast<std::uint64_t>(snapshot.memory_max));
  text.family("understudy_cpu_cores", MetricType::gauge, "CPU that the agent uses, in cores, over the last interval.");
  text.sample({}, snapshot.cpu_used);
  text.family("understudy_keep_share", MetricType::gauge, "Share of sessions mirrored; below 1 while --max-cpu sheds.");
  text.sample({}, snapshot.keep_share);
  text.family("understudy_uptime_seconds", MetricType::gauge, "Time since the agent began to capture.");
  text.sample({}, static_cast<double>(snapshot.uptime.count()) / 1e9);
}

void write_shadow_metrics(MetricsText& text, const std::vector<ForwardSinkStatus>& shadows) {
  if (shadows.empty()) return;
  text.family("understudy_shadow_queue_requests", MetricType::gauge, "Requests that wait for a shadow.");
  for (const auto& shadow : shadows) text.sample({{"output", shadow.name}}, shadow.queued);
  text.family("understudy_shadow_queue_bytes", MetricType::gauge, "Bytes of requests that wait or are in flight.");
  for (const auto& shadow : shadows) text.sample({{"output", shadow.name}}, shadow.queued_bytes);
  text.family("understudy_shadow_connections", MetricType::gauge, "Open connections to a shadow.");
  for (const auto& shadow : shadows) {
    text.sample({{"output", shadow.name}}, static_cast<std::uint64_t>(shadow.sender.connections_open));
  }
  text.family("understudy_shadow_breaker_open", MetricType::gauge, "1 while the circuit breaker is not closed.");
  for (const auto& shadow : shadows) {
    text.sample({{"output", shadow.name}}, std::uint64_t{shadow.sender.breaker != BreakerState::closed});
  }
  text.family("understudy_shadow_responses_total", MetricType::counter, "Answers of a shadow, by class of status.");
  for (const auto& shadow : shadows) {
    for (unsigned status_class = 1; status_class < 6; ++status_class) {
      text.sample({{"output", shadow.name}, {"class", fmt::format("{}xx", status_class)}},
                  shadow.sender.responses[status_class]);
    }
  }
  text.family("understudy_wire_to_shadow_seconds", MetricType::histogram,
              "From a request's last packet on the wire to its first byte sent to the shadow.");
  for (const auto& shadow : shadows) {
    text.histogram({{"output", shadow.name}}, shadow.wire_to_shadow_delay_ns, delay_buckets_s());
  }
  text.family("understudy_shadow_latency_seconds", MetricType::histogram,
              "From the first byte sent to the whole answer.");
  for (const auto& shadow : shadows) {
    text.histogram({{"output", shadow.name}}, shadow.response_latency_ns, delay_buckets_s());
  }
}

}  // namespace

std::uint64_t count_of(const std::vector<NamedCount>& counts, std::string_view name) {
  for (const NamedCount& count : counts) {
    if (count.name == name) return count.value;
  }
  return 0;
}

void add_worker(AgentSnapshot& snapshot, const Worker& worker) {
  const EngineStatistics engine = worker.engine_statistics();
  snapshot.engines.push_back(worker.engine_description());
  snapshot.capture.packets_received += engine.packets_received;
  snapshot.capture.dropped_by_kernel += engine.dropped_by_kernel;
  snapshot.capture.dropped_by_interface += engine.dropped_by_interface;
  snapshot.capture.counts_drops = snapshot.capture.counts_drops && engine.counts_drops;
  const DecodeStatistics& decode = worker.decode_statistics();
  for (std::size_t i = 0; i < packet_end_count; ++i) {
    const auto end = static_cast<PacketEnd>(i);
    if (is_problem(end)) add(snapshot.packet_problems, to_string(end), decode.ended(end));
  }
  snapshot.packets += decode.packets.value();
  snapshot.segments += decode.segments.value();
  const ReassemblyStatistics& streams = worker.reassembly_statistics();
  snapshot.payload_bytes += streams.bytes_delivered.value();
  add_streams(snapshot.streams, streams);
  add_connections(snapshot.connections, worker.pairing_statistics());
  snapshot.ledger.stream_gaps += streams.gaps_missing.value() + streams.gaps_truncated.value();
  snapshot.ledger.packets_dropped_by_kernel += engine.dropped_by_kernel;
  snapshot.ledger.packets_dropped_by_interface += engine.dropped_by_interface;
}

HealthReport health_of(const AgentSnapshot& snapshot) {
  HealthReport health;
  health.build_version = build_version().version;
  health.build_timestamp = build_version().timestamp;
  if (snapshot.watchdog == WatchdogState::warning) {
    health.healthy = false;
    health.reason = "the port has connections, but no packets are seen; run 'understudy-agent check'";
  }
  return health;
}

std::vector<TestResult> tests_of(const AgentSnapshot& snapshot) {
  std::vector<TestResult> tests;
  const bool captures = snapshot.watchdog != WatchdogState::warning;
  tests.push_back({"Capture", "Packets of the service's port are seen whenever it has connections.", "", captures,
                   captures ? "" : "connections, but no packets"});
  for (const ForwardSinkStatus& shadow : snapshot.shadows) {
    const bool reached = shadow.sender.breaker == BreakerState::closed;
    tests.push_back(
        {"Shadow", "The shadow takes requests.", shadow.name, reached, reached ? "" : shadow.sender.last_error});
  }
  return tests;
}

std::string status_json(const AgentSnapshot& snapshot) {
  JsonWriter json;
  json.begin_object();
  json.member("version", build_version().version);
  json.member("instance", snapshot.instance_id);
  json.member("uptime_seconds", static_cast<double>(snapshot.uptime.count()) / 1e9);
  json.key("engines").begin_array();
  for (const std::string& engine : snapshot.engines) json.value(engine);
  json.end_array();
  write_engine_choice(json, snapshot.engine_choice);
  json.key("capture_engine").begin_object();
  json.member("packets_received", snapshot.capture.packets_received);
  json.member("dropped_by_kernel", snapshot.capture.dropped_by_kernel);
  json.member("dropped_by_interface", snapshot.capture.dropped_by_interface);
  json.member("counts_drops", snapshot.capture.counts_drops);
  json.end_object();
  json.member("packets", snapshot.packets).member("segments", snapshot.segments);
  json.member("payload_bytes", snapshot.payload_bytes);
  write_counts(json, "packet_problems", snapshot.packet_problems);
  write_counts(json, "streams", snapshot.streams);
  write_counts(json, "connections", snapshot.connections);
  json.key("ledger");
  write_ledger_json(json, snapshot.ledger);
  json.key("shadows").begin_array();
  for (const ForwardSinkStatus& shadow : snapshot.shadows) write_shadow(json, shadow);
  json.end_array();
  write_middleware_json(json, snapshot.middleware);
  write_counts(json, "rules", snapshot.rules);
  json.member("recording_queued", snapshot.recording_queued);
  json.member("resident_bytes", snapshot.resident_bytes).member("memory_max_bytes", snapshot.memory_max);
  json.member("cpu_cores", snapshot.cpu_used).member("keep_share", snapshot.keep_share);
  json.member("watchdog", watchdog_text(snapshot.watchdog));
  return json.end_object().take() + "\n";
}

std::string metrics_text(const AgentSnapshot& snapshot) {
  MetricsText text;
  write_capture_metrics(text, snapshot);
  write_ledger_metrics(text, snapshot.ledger);
  write_shadow_metrics(text, snapshot.shadows);
  write_middleware_metrics(text, snapshot.middleware);
  if (!snapshot.rules.empty()) {
    text.family("understudy_rule_decisions_total", MetricType::counter, "How often each rule decided.");
    for (const NamedCount& rule : snapshot.rules) text.sample({{"rule", rule.name}}, rule.value);
  }
  write_process_metrics(text, snapshot);
  return text.take();
}

ProgressSample progress_of(const AgentSnapshot& snapshot, MonotonicTime now) {
  ProgressSample sample;
  sample.time = now;
  sample.requests_seen = snapshot.ledger.capture.seen;
  sample.payload_bytes = snapshot.payload_bytes;
  sample.has_outputs = !snapshot.ledger.outputs.empty();
  sample.lost = snapshot.ledger.capture.lost_total();
  for (const OutputTotals& output : snapshot.ledger.outputs) {
    sample.delivered += output.totals.delivered;
    sample.lost += output.totals.lost_total();
  }
  for (const ForwardSinkStatus& shadow : snapshot.shadows) sample.queued += shadow.queued;
  sample.queued += snapshot.recording_queued;
  return sample;
}

}  // namespace understudy
