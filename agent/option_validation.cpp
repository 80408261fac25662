#include "agent/option_validation.hpp"

#include <fmt/format.h>

#include <charconv>
#include <fstream>

#include "agent/policy_option.hpp"
#include "traffic/base/units.hpp"
#include "traffic/net/proxy_settings.hpp"

namespace understudy {
namespace {

// The same error with the flag in front, so that a user sees where the value came from.
Error about(std::string_view flag, const Error& error) {
  return {error.code, fmt::format("--{}: {}", flag, error.message)};
}

// Reads `text` with `parse` into `out`; remembers the first error and does nothing after it. That keeps the list of
// options below readable.
class Validation {
 public:
  template <typename T, typename Parse, typename Out>
  void read(std::string_view flag, const T& text, Parse parse, Out& out) {
    if (error_) return;
    auto value = parse(text);
    if (value) {
      out = static_cast<Out>(*value);
    } else {
      error_ = about(flag, value.error());
    }
  }
  void require(bool condition, std::string_view flag, std::string message) {
    if (!error_ && !condition) error_ = about(flag, {ExitCode::usage, std::move(message)});
  }
  void set(const Error& error) {
    if (!error_) error_ = error;
  }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  std::optional<Error> error_;
};

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

// The first line of a file that holds a secret.
Result<std::string> read_secret(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!file || !std::getline(file, line) || line.empty()) {
    return fail(ExitCode::configuration,
                fmt::format("cannot read a first line from '{}': {}", path, std::generic_category().message(errno)));
  }
  return line;
}

void validate_capture(const RawOptions& raw, CaptureSettings& capture, Validation& check) {
  check.require(!raw.port.empty(), "port", "is missing; say which port the service listens on, such as --port 8080");
  for (const std::string& text : raw.port) check.read("port", text, parse_port, capture.ports.emplace_back());
  for (const std::string& text : raw.address)
    check.read("address", text, parse_address, capture.addresses.emplace_back());
  for (const std::string& name : raw.interface) {
    if (name != "any") capture.interfaces.push_back(name);
  }
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

// The proxy's URL with user and password out of the file, if there is one.
void add_proxy_credentials(const RawOptions& raw, std::optional<TargetUrl>& proxy, Validation& check) {
  if (raw.proxy_auth_file.empty() || check.error()) return;
  check.require(proxy.has_value(), "proxy-auth-file", "is given, but there is no proxy for this shadow");
  std::string secret;
  check.read("proxy-auth-file", raw.proxy_auth_file, read_secret, secret);
  if (check.error()) return;
  const std::size_t colon = secret.find(':');
  check.require(colon != std::string::npos, "proxy-auth-file", "must hold user:password in its first line");
  if (!check.error()) proxy->credentials = Credentials{secret.substr(0, colon), secret.substr(colon + 1)};
}

void validate_shadow(const RawOptions& raw, ShadowSettings& shadow, Validation& check) {
  const std::string proxy = raw.proxy.empty() && raw.no_environment_proxy ? "direct" : raw.proxy;
  for (const std::string& url : raw.to) {
    ShadowRoute& route = shadow.routes.emplace_back();
    check.read("to", url, parse_target, route.target);
    if (check.error()) return;
    const auto choose = [&](const std::string& text) {
      return choose_proxy(route.target, text, read_process_environment);
    };
    check.read("proxy", proxy, choose, route.proxy);
    add_proxy_credentials(raw, route.proxy, check);
  }
  shadow.tls = {raw.ca_file, raw.client_cert, raw.client_key, raw.insecure};
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
             raw.summary,
             raw.quiet};
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
  options.record.path = raw.record;
  check.read("record-flush", raw.record_flush, parse_duration, options.record.flush_interval);
  options.rules = raw.rules;
  if (!raw.redact_key_file.empty())
    check.read("redact-key-file", raw.redact_key_file, read_secret, options.rules.redact_key);
  check.read("duration", raw.check_duration, parse_duration, options.check_duration);
  options.json = raw.json;
  options.config_path = raw.config;
  if (check.error()) return tl::unexpected(*check.error());
  return options;
}

}  // namespace understudy
