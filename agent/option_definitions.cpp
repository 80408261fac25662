#include "agent/option_definitions.hpp"

#include <cctype>

namespace understudy {
namespace {

// "--max-body" -> "UNDERSTUDY_MAX_BODY".
std::string environment_name(const std::string& flag) {
  std::string name = "UNDERSTUDY_";
  for (const char c : flag.substr(2)) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

// Adds the options of one help group to a command. Flags are given without a short form first: "--port".
class Group {
 public:
  Group(CLI::App& command, std::string name) : command_(command), name_(std::move(name)) {}

  // An option with one value.
  template <typename T>
  void one(const std::string& flag, T& variable, const std::string& value_name, const std::string& help) {
    finish(command_.add_option(flag, variable, help)->capture_default_str(), flag).type_name(value_name);
  }
  // A list: comma-separated, repeated, or both.
  void list(const std::string& flag, std::vector<std::string>& variable, const std::string& help) {
    CLI::Option* option = command_.add_option(flag, variable, help);
    finish(option, flag).type_name("LIST")->delimiter(',')->expected(1)->take_all();
  }
  // Repeatable, each use one value with any characters in it. In the environment: one value.
  void each(const std::string& flag, std::vector<std::string>& variable, const std::string& value_name,
            const std::string& help) {
    CLI::Option* option = command_.add_option(flag, variable, help);
    finish(option, flag).type_name(value_name)->expected(1)->take_all();
  }
  void flag(const std::string& flag, bool& variable, const std::string& help) {
    finish(command_.add_flag(flag, variable, help), flag);
  }

 private:
  CLI::Option& finish(CLI::Option* option, const std::string& flag) {
    option->group(name_);
    option->envname(environment_name(flag));
    return *option;
  }

  CLI::App& command_;
  std::string name_;
};

void define_capture(CLI::App& command, RawOptions& raw) {
  Group group(command, "Capture");
  group.list("--port", raw.port, "The service's TCP ports: 8080, or 8080,8443");
  group.list("--interface", raw.interface, "Interfaces to capture on: eth0, or eth0,lo; all of them if not given");
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
  Group group(command, "Shadow");
  group.each("--to", raw.to, "URL", "Send each request to this shadow; a path is a prefix; repeat for several shadows");
  group.one("--proxy", raw.proxy, "URL",
            "CONNECT proxy: http://user:password@host:3128; else HTTPS_PROXY, HTTP_PROXY, NO_PROXY");
  group.one("--proxy-auth-file", raw.proxy_auth_file, "FILE", "Read the proxy's user:password from a file");
  group.flag("--no-environment-proxy", raw.no_environment_proxy, "Ignore HTTPS_PROXY and HTTP_PROXY");
  group.one("--ca-file", raw.ca_file, "FILE", "Trust these certificates (PEM) instead of the system's");
  group.one("--client-cert", raw.client_cert, "FILE", "Client certificate chain (PEM)");
  group.one("--client-key", raw.client_key, "FILE", "Its private key (PEM)");
  group.flag("--insecure", raw.insecure, "Do not verify the shadow's certificate");
  group.one("--connect-timeout", raw.connect_timeout, "TIME", "For resolving, connecting, the proxy and TLS together");
}

void define_forwarding(CLI::App& command, RawOptions& raw) {
  Group group(command, "Shadow");
  group.flag("--original-host", raw.original_host, "Keep production's Host instead of the shadow's");
  group.flag("--forwarded-for", raw.forwarded_for, "Add X-Forwarded-For with the real client's address");
  group.flag("--session-affinity", raw.session_affinity,
             "Requests of one production connection keep their order and connection");
  group.one("--connections", raw.connections, "N", "Connections to a shadow at most");
  group.one("--response-timeout", raw.response_timeout, "TIME", "For a shadow's whole answer");
  group.one("--queue-requests", raw.queue_requests, "N", "Requests waiting for a shadow at most");
}

void define_rules(CLI::App& command, RawOptions& raw) {
  Group group(command, "Rules (docs/rules.md)");
  group.each("--deny", raw.rules.deny, "FILTER", "Leave out requests that match: 'method=OPTIONS', 'path=^/internal/'");
  group.each("--allow", raw.rules.allow, "FILTER",
             "Leave out all but those that match: 'path=^/api/ and client=10.0.0.0/8'");
  group.each("--sample", raw.rules.sample, "RULE",
             "Keep a part: 10%, or '10% by header:X-User' (cookie:, param:, client)");
  group.one("--limit", raw.rules.limit, "RATE", "At most so many requests: 500/s");
  group.each("--rewrite-url", raw.rules.rewrite_url, "RULE", "Change path and query: '^/v1/(.*) => /v2/\\1'");
  group.each("--set-param", raw.rules.set_param, "NAME=VALUE", "Set a query parameter");
  group.each("--remove-param", raw.rules.remove_param, "NAME", "Remove a query parameter");
  group.each("--set-header", raw.rules.set_header, "NAME: VALUE", "Set a header");
  group.each("--remove-header", raw.rules.remove_header, "NAME", "Remove a header");
  group.each("--rewrite-header", raw.rules.rewrite_header, "RULE", "Change a header: 'X-Env: prod => rehearsal'");
  group.each("--redact", raw.rules.redact, "RULE",
             "Hide a value: json:password, header:X-Api-Key, 'param:token on disk'");
  group.one("--redact-key-file", raw.redact_key_file, "FILE", "Key that keeps equal hidden values equal");
}

void define_recording(CLI::App& command, RawOptions& raw) {
  Group group(command, "Recording");
  group.one("--record", raw.record, "FILE", "Append each exchange as a line of JSON; - is standard output");
  group.flag("--keep-secrets", raw.rules.keep_secrets,
             "Do not redact Authorization, Cookie, Set-Cookie, Proxy-Authorization on disk");
  group.one("--record-flush", raw.record_flush, "TIME", "Write to the disk at least this often");
}

void define_http(CLI::App& command, RawOptions& raw) {
  Group group(command, "HTTP");
  group.one("--max-body", raw.max_body, "SIZE", "Larger bodies are dropped whole, and counted");
  group.one("--max-head", raw.max_head, "SIZE", "Larger heads are dropped, and counted");
  group.each("--policy", raw.policy, "NAME=on|off", "A leniency of the HTTP framing (docs/framing-policy.md)");
}

void define_safety(CLI::App& command, RawOptions& raw) {
  Group group(command, "Safety");
  group.one("--max-memory", raw.max_memory, "SIZE", "Memory of the whole agent at most, whatever the shadow does");
  group.one("--max-cpu", raw.max_cpu, "PERCENT",
            "CPU at most, of one core; beyond it the agent samples down, and says so");
  group.one("--user", raw.user, "NAME", "Become this user when started as root, once the capture is open");
  group.one("--drain", raw.drain, "TIME", "How long to finish what is queued when asked to stop");
}

void define_status(CLI::App& command, RawOptions& raw) {
  Group group(command, "Status and logs");
  group.one("--status-address", raw.status_address, "ADDRESS:PORT",
            "Serve /health, /test, /status and /metrics here; 'off' for none. Without it: "
            "127.0.0.1:9600, and none with --read");
  group.one("--log-format", raw.log_format, "text|json", "Logs as text, or one JSON object a line");
  group.one("--log-level", raw.log_level, "LEVEL", "debug, info, warning or error");
  group.one("--log-file", raw.log_file, "FILE", "Append logs to a file instead of standard error");
  group.one("--summary", raw.summary, "FILE", "Write the final ledger as JSON");
  group.flag("--quiet", raw.quiet, "No live line of rates on a terminal");
}

void define_configuration(CLI::App& command, RawOptions& raw) {
  Group group(command, "Configuration");
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
  define_rules(command, raw);
  define_http(command, raw);
  define_safety(command, raw);
  define_status(command, raw);
  define_configuration(command, raw);
}

void define_check_options(CLI::App& command, RawOptions& raw) {
  define_capture(command, raw);
  define_connection(command, raw);
  Group group(command, "Check");
  group.flag("--json", raw.json, "Print JSON instead of text");
  group.one("--duration", raw.check_duration, "TIME", "How long to look for packets on the port");
  define_configuration(command, raw);
}

}  // namespace understudy
