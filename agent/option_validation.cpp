#include "agent/option_validation.hpp"

#include <fmt/format.h>

#include <charconv>

#include "agent/capture/engine_choice.hpp"
#include "agent/policy_option.hpp"
#include "traffic/base/units.hpp"
#include "traffic/command_line/middleware_flags.hpp"
#include "traffic/command_line/validation.hpp"

namespace understudy {
namespace {

Result<std::uint16_t> parse_port(const std::string& text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0 || port > 65535) {
    return fail(ExitCode::usage,
                fmt::format("'{}' is no TCP port; give numbers from 1 to 65535, such as 8080,8443", text));
  }
  return static_cast<std::uint16_t>(port);
}

Result<IpRange> parse_address(const std::string& text) {
  if (const auto range = IpRange::parse(text)) return *range;
  return fail(ExitCode::usage,
              fmt::format("'{}' is no IP address or range; give 192.0.2.1, 10.0.0.0/8 or 2001:db8::1", text));
}

void validate_capture(const RawOptions& raw, CaptureSettings& capture, Validation& check) {
  check.require(!raw.port.empty(), "port", "is missing; say which port the service listens on, such as --port 8080");
  for (const std::string& text : raw.port) check.read("port", text, parse_port, capture.ports.emplace_back());
  for (const std::string& text : raw.address)
    check.read("address", text, parse_address, capture.addresses.emplace_back());
  for (const std::string& name : raw.interface) {
    if (name != "any") capture.interfaces.push_back(name);
  }
  const auto known_engine = [](const std::string& name) {
    return check_engine_name(engine_kinds(), name).map([&] { return name; });
  };
  check.read("engine", raw.engine, known_engine, capture.engine);
  if (!raw.read.empty()) capture.read_path = raw.read;
  check.require(raw.read.empty() || raw.interface.empty(), "read", "does not go together with --interface");
  check.require(raw.read.empty() || raw.workers == 1, "workers", "does not go together with --read");
  check.require(raw.workers >= 1 && raw.workers <= 64, "workers", "takes a number from 1 to 64");
  check.require(raw.snap_length >= 128 && raw.snap_length <= 262144, "snap-length",
                "takes a number from 128 to 262144");
  check.read("buffer", raw.buffer, parse_byte_size, capture.buffer_bytes);
  check.require(check.error() || capture.buffer_bytes >= (1U << 20U), "buffer", "must be at least 1MiB");
  check.read("delivery-delay", raw.delivery_delay, parse_duration, capture.delivery_delay);
  capture.bpf = raw.bpf;
  capture.snap_length = raw.snap_length;
  capture.promiscuous = raw.promiscuous;
  capture.tunnels = raw.tunnels;
  capture.workers = raw.workers;
}

void validate_shadow(const RawOptions& raw, ShadowSettings& shadow, Validation& check) {
  const ProxyChoice choice = raw.proxy_choice();
  for (const std::string& url : raw.to) {
    ShadowRoute& route = shadow.routes.emplace_back();
    check.read("to", url, parse_target, route.target);
    if (check.error()) return;
    check.take(proxy_for(route.target, choice), route.proxy);
  }
  shadow.tls = raw.tls_options();
  shadow.original_host = raw.original_host;
  shadow.forwarded_for = raw.forwarded_for;
  shadow.session_affinity = raw.session_affinity;
  shadow.connections_max = raw.connections;
  shadow.queue_requests_max = raw.queue_requests;
  check.require(raw.connections >= 1 && raw.connections <= 4096, "connections", "takes a number from 1 to 4096");
  check.require(raw.queue_requests >= 1, "queue-requests", "takes a number from 1 on");
  check.read("connect-timeout", raw.connect_timeout, parse_duration, shadow.connect_timeout);
  check.read("response-timeout", raw.response_timeout, parse_duration, shadow.response_timeout);
  check.require(check.error() || (shadow.connect_timeout.count() > 0 && shadow.response_timeout.count() > 0),
                "connect-timeout", "and --response-timeout must be more than 0");
  validate_middleware(raw.middleware, shadow.middleware, check);
  check.require(shadow.middleware.command.empty() || !raw.to.empty(), "middleware",
                "needs a shadow, --to: recordings hold what production got");
}

void validate_record(const RawOptions& raw, RecordSettings& record, Validation& check) {
  record.path = raw.record;
  record.stream_path = raw.stream;
  check.read("record-flush", raw.record_flush, parse_duration, record.flush_interval);
  if (!raw.record.empty()) {
    bool has_time = false;
    check.read("record", raw.record, recording_format_of, record.format);
    check.read("record", raw.record, check_recording_name, has_time);
  }
  if (!raw.record_rotate.empty()) {
    check.read("record-rotate", raw.record_rotate, parse_rotation, record.rotation);
    check.require(!raw.record.empty() && raw.record != "-", "record-rotate", "needs --record with the name of a file");
  }
  if (!raw.record_key_file.empty()) {
    check.require(!raw.record.empty() && record.format == RecordingFormat::take, "record-key-file",
                  "needs --record with a name that ends with .take: JSON Lines are not encrypted");
    const auto load = [](const std::string& path) { return TakeKey::load(path, ExitCode::configuration); };
    check.read("record-key-file", raw.record_key_file, load, record.key);
  }
  check.require(raw.stream != "-" || raw.record != "-", "stream", "and --record cannot both be standard output");
  check.require(raw.stream.empty() || raw.stream != raw.record, "stream", "and --record need files of their own");
}

void validate_http(const RawOptions& raw, AgentOptions& options, Validation& check) {
  check.read("max-body", raw.max_body, parse_byte_size, options.limits.body_max);
  check.read("max-head", raw.max_head, parse_byte_size, options.limits.head_max);
  check.require(check.error() || options.limits.head_max >= 1024, "max-head", "must be at least 1KiB");
  for (const std::string& text : raw.policy) {
    const auto apply = [&](const std::string& setting) { return parse_policy_setting(setting, options.framing); };
    bool applied = false;
    check.read("policy", text, apply, applied);
  }
}

void validate_safety(const RawOptions& raw, SafetySettings& safety, Validation& check) {
  check.read("max-memory", raw.max_memory, parse_byte_size, safety.memory_bytes_max);
  if (!raw.max_cpu.empty()) {
    Percentage percentage;
    check.read("max-cpu", raw.max_cpu, parse_percentage, percentage);
    check.require(check.error() || percentage.per_million > 0, "max-cpu", "must be more than 0%");
    safety.cpu_fraction_max = percentage.per_million / static_cast<double>(percentage_whole);
  }
  safety.user = raw.user;
  check.read("drain", raw.drain, parse_duration, safety.drain_timeout);
}

void validate_observe(const RawOptions& raw, ObserveSettings& observe, Validation& check) {
  check.require(raw.log_format == "text" || raw.log_format == "json", "log-format", "is 'text' or 'json'");
  check.require(
      raw.log_level == "debug" || raw.log_level == "info" || raw.log_level == "warning" || raw.log_level == "error",
      "log-level", "is debug, info, warning or error");
  // Several capture files may be read at once, and none of these runs is watched by a load balancer.
  const std::string status_default = raw.read.empty() ? "127.0.0.1:9600" : "off";
  observe = {raw.status_address.empty() ? status_default : raw.status_address,
             raw.log_format,
             raw.log_level,
             raw.log_file,
             0,
             raw.summary,
             raw.quiet};
  if (!raw.log_rotate.empty()) {
    check.read("log-rotate", raw.log_rotate, parse_byte_size, observe.log_bytes_max);
    check.require(check.error() || observe.log_bytes_max >= (1U << 16U), "log-rotate", "must be at least 64KiB");
    check.require(!raw.log_file.empty(), "log-rotate", "needs --log-file");
  }
}

}  // namespace

Result<AgentOptions> validate(const RawOptions& raw, Command command) {
  AgentOptions options;
  options.command = command;
  Validation check;
  validate_capture(raw, options.capture, check);
  validate_shadow(raw, options.shadow, check);
  validate_http(raw, options, check);
  validate_safety(raw, options.safety, check);
  validate_observe(raw, options.observe, check);
  validate_record(raw, options.record, check);
  options.rules = raw.rules;
  if (!raw.redact_key_file.empty())
    check.read("redact-key-file", raw.redact_key_file, read_secret, options.rules.redact_key);
  check.read("duration", raw.check_duration, parse_duration, options.check_duration);
  check.read("self-test-time", raw.self_test_time, parse_duration, options.self_test_time);
  options.self_test = raw.self_test;
  options.json = raw.json;
  options.config_path = raw.config;
  if (check.error()) return tl::unexpected(*check.error());
  return options;
}

}  // namespace understudy
