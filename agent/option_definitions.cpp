#include "agent/option_definitions.hpp"

#include "traffic/command_line/connection_flags.hpp"
#include "traffic/command_line/option_group.hpp"
#include "traffic/command_line/rule_flags.hpp"

namespace understudy {
namespace {

void define_capture(CLI::App& command, RawOptions& raw) {
  OptionGroup group(command, "Capture");
  group.list("--port", raw.port, "The service's TCP ports: 8080, or 8080,8443");
  group.list("--interface", raw.interface, "Interfaces to capture on: eth0, or eth0,lo; all of them if not given");
  group.one("--engine", raw.engine, "NAME",
            "What captures: auto takes the first that works. Linux has pcap; Windows npcap, pktmon and raw");
  group.list("--address", raw.address, "Only traffic to these addresses of this host");
  group.one("--read", raw.read, "FILE", "Read a capture file (pcap, pcapng) instead of the wire; - is standard input");
  group.one("--bpf", raw.bpf, "EXPRESSION", "A packet filter of your own, in pcap-filter(7) syntax, besides the ports");
  group.one("--buffer", raw.buffer, "SIZE", "Capture buffer in the kernel");
  group.one("--snap-length", raw.snap_length, "BYTES",
            "Bytes kept of a packet; offloaded segments are larger than the MTU");
  group.one("--delivery-delay", raw.delivery_delay, "TIME",
            "How long the kernel may gather packets: less is sooner, more is cheaper");
  group.flag("--promiscuous", raw.promiscuous, "Capture frames addressed to other hosts as well");
  group.flag("--tunnels", raw.tunnels, "Look inside GRE, VXLAN, Geneve and IP in IP (AWS VPC traffic mirroring)");
  group.one("--workers", raw.workers, "N", "Share the flows between N threads (Linux)");
}

void define_connection(CLI::App& command, RawOptions& raw) {
  OptionGroup group(command, "Shadow");
  group.each("--to", raw.to, "URL", "Send each request to this shadow; a path is a prefix; repeat for several shadows");
  define_connection_flags(group, raw);
}

void define_forwarding(CLI::App& command, RawOptions& raw) {
  OptionGroup group(command, "Shadow");
  group.flag("--original-host", raw.original_host, "Keep production's Host instead of the shadow's");
  group.flag("--forwarded-for", raw.forwarded_for, "Add X-Forwarded-For with the real client's address");
  group.flag("--session-affinity", raw.session_affinity,
             "Requests of one production connection keep their order and connection");
  group.one("--connections", raw.connections, "N", "Connections to a shadow at most");
  group.one("--response-timeout", raw.response_timeout, "TIME", "For a shadow's whole answer");
  group.one("--queue-requests", raw.queue_requests, "N", "Requests waiting for a shadow at most");
}

void define_recording(CLI::App& command, RawOptions& raw) {
  OptionGroup group(command, "Recording");
  group.one("--record", raw.record, "FILE",
            "Append each exchange to FILE.take, or to FILE.jsonl as JSON; - is JSON on standard output; "
            "the name may have %Y%m%d-%H%M%S, in UTC");
  group.one("--record-rotate", raw.record_rotate, "LIMITS",
            "Begin a new file after a time or a size, and remove the oldest beyond a total: 1h,1GiB,total=20GiB");
  group.one("--record-key-file", raw.record_key_file, "FILE",
            "Encrypt the .take recording with the key in this file: 32 bytes, or 64 hexadecimal digits");
  group.one("--stream", raw.stream, "FILE", "Write a live .take stream for understudy-replay; - is standard output");
  group.flag("--keep-secrets", raw.rules.keep_secrets,
             "Do not redact Authorization, Cookie, Set-Cookie, Proxy-Authorization on disk");
  group.one("--record-flush", raw.record_flush, "TIME", "Write to the disk at least this often");
}

void define_http(CLI::App& command, RawOptions& raw) {
  OptionGroup group(command, "HTTP");
  group.one("--max-body", raw.max_body, "SIZE", "Larger bodies are dropped whole, and counted");
  group.one("--max-head", raw.max_head, "SIZE", "Larger heads are dropped, and counted");
  group.each("--policy", raw.policy, "NAME=on|off", "A leniency of the HTTP framing (docs/framing-policy.md)");
}

void define_safety(CLI::App& command, RawOptions& raw) {
  OptionGroup group(command, "Safety");
  group.one("--max-memory", raw.max_memory, "SIZE", "Memory of the whole agent at most, whatever the shadow does");
  group.one("--max-cpu", raw.max_cpu, "PERCENT",
            "CPU at most, of one core; beyond it the agent samples down, and says so");
  group.one("--user", raw.user, "NAME", "Become this user when started as root, once the capture is open");
  group.one("--drain", raw.drain, "TIME", "How long to finish what is queued when asked to stop");
}

void define_status(CLI::App& command, RawOptions& raw) {
  OptionGroup group(command, "Status and logs");
  define_status_address(group, raw);
  group.one("--log-format", raw.log_format, "text|json", "Logs as text, or one JSON object a line");
  group.one("--log-level", raw.log_level, "LEVEL", "debug, info, warning or error");
  group.one("--log-file", raw.log_file, "FILE", "Append logs to a file instead of standard error");
  group.one("--log-rotate", raw.log_rotate, "SIZE", "Begin a new log file after this size, and keep two former ones");
  group.one("--summary", raw.summary, "FILE", "Write the final ledger as JSON");
  group.flag("--quiet", raw.quiet, "No live line of rates on a terminal");
}

void define_configuration(CLI::App& command, RawOptions& raw) {
  OptionGroup group(command, "Configuration");
  group.one("--config", raw.config, "FILE", "TOML file whose keys are these flags without the dashes in front");
  group.flag("--print-config", raw.print_config,
             "Print the effective configuration as such a file, without secrets, and leave");
}

}  // namespace

void define_run_options(CLI::App& command, RawOptions& raw) {
  define_capture(command, raw);
  define_connection(command, raw);
  define_forwarding(command, raw);
  define_recording(command, raw);
  define_rule_flags(command, raw.rules, raw.redact_key_file);
  define_middleware_flags(command, raw.middleware);
  define_http(command, raw);
  define_safety(command, raw);
  define_status(command, raw);
  define_configuration(command, raw);
}

void define_status_address(OptionGroup& group, RawOptions& raw) {
  group.one("--status-address", raw.status_address, "ADDRESS:PORT",
            "Serve /health, /test, /status and /metrics here; 'off' for none. Without it: "
            "127.0.0.1:9600, and none with --read");
}

void define_self_test_time(OptionGroup& group, RawOptions& raw) {
  group.one("--self-test-time", raw.self_test_time, "TIME", "How long the self-test waits for the service's requests");
}

void define_check_options(CLI::App& command, RawOptions& raw) {
  define_capture(command, raw);
  define_connection(command, raw);
  OptionGroup group(command, "Check");
  group.flag("--json", raw.json, "Print JSON instead of text");
  group.one("--duration", raw.check_duration, "TIME", "How long to look for packets on the port");
  group.flag("--self-test", raw.self_test,
             "Send the service one request from this host, and see whether the running agent, or a capture, gets it");
  define_self_test_time(group, raw);
  define_status_address(group, raw);
  define_configuration(command, raw);
}

}  // namespace understudy
