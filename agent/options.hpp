// What a user asked for: flags, environment and file, validated once into one immutable struct.
//
// Each option is defined in one place (option_definitions.cpp). From that definition come its flag, its environment
// variable (UNDERSTUDY_ and the flag's name in capitals), its key in the TOML file, its help, and its shell completion.
// A flag wins over the environment, the environment over the file, the file over the default.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/service/service.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/endpoint.hpp"
#include "traffic/base/error.hpp"
#include "traffic/command_line/middleware_settings.hpp"
#include "traffic/http/framing_policy.hpp"
#include "traffic/net/target.hpp"
#include "traffic/net/tls.hpp"
#include "traffic/pipeline/recording_sink.hpp"
#include "traffic/rules/rule_options.hpp"

namespace understudy {

enum class Command : std::uint8_t { run, check, completion };

struct CaptureSettings {
  std::string engine = "auto";  // "auto", or one of engine_kinds()
  std::vector<std::uint16_t> ports;
  std::vector<IpRange> addresses;        // only traffic from or to these; empty: any
  std::vector<std::string> interfaces;   // empty: all of them
  std::optional<std::string> read_path;  // a capture file instead of the wire; "-" is standard input
  std::string bpf;                       // the user's own expression; empty: none
  std::size_t buffer_bytes = 0;
  int snap_length = 0;
  Nanoseconds delivery_delay{};
  bool promiscuous = false;
  bool tunnels = false;
  unsigned workers = 1;
};

// One shadow, with the way to it.
struct ShadowRoute {
  TargetUrl target;
  std::optional<TargetUrl> proxy;
};

struct ShadowSettings {
  std::vector<ShadowRoute> routes;
  TlsOptions tls;
  bool original_host = false;
  bool forwarded_for = false;
  bool session_affinity = false;
  std::size_t connections_max = 0;
  std::size_t queue_requests_max = 0;
  Nanoseconds connect_timeout{};
  Nanoseconds response_timeout{};
  MiddlewareSettings middleware;  // in front of each shadow
};

struct RecordSettings {
  std::string path;  // empty: no recording; "-": standard output
  RecordingFormat format = RecordingFormat::jsonl;
  RotationLimits rotation;
  std::optional<TakeKey> key;  // encrypts; a secret
  Nanoseconds flush_interval{};
  std::string stream_path;  // a .take stream for a live replay; empty: none; "-": standard output
};

struct SafetySettings {
  std::size_t memory_bytes_max = 0;
  double cpu_fraction_max = 0;  // of one core; 0: no limit
  std::string user;             // whom to become when started as root
  Nanoseconds drain_timeout{};
};

struct ObserveSettings {
  std::string status_address;  // "off": no status server
  std::string log_format;      // "text" or "json"
  std::string log_level;
  std::string log_file;           // empty: standard error
  std::size_t log_bytes_max = 0;  // of a log file; 0: no limit
  std::string summary_path;       // empty: none
  bool quiet = false;             // no live line
};

struct AgentOptions {
  Command command = Command::run;
  CaptureSettings capture;
  ShadowSettings shadow;
  RecordSettings record;
  RuleOptions rules;
  FramingPolicy framing;
  FramingLimits limits;
  SafetySettings safety;
  ObserveSettings observe;
  std::string config_path;       // empty: none; SIGHUP reads it again
  bool json = false;             // check: JSON instead of text
  Nanoseconds check_duration{};  // check: how long to look for packets
  bool self_test = false;        // check: as the last step of an installation
  Nanoseconds self_test_time{};
};

// The command line's outcome: options to run with, what to do with the service, or text to print and leave (help,
// version, completion, --print-config).
struct ParsedCommandLine {
  std::optional<AgentOptions> options = {};
  std::optional<ServiceOptions> service = {};
  std::string text = {};
};

// Reads the command line, the environment and the file that --config names. Errors are one line, with ExitCode::usage
// for a flag or variable, ExitCode::configuration for the file (with its line), ExitCode::target_invalid for a URL.
[[nodiscard]] Result<ParsedCommandLine> parse_command_line(const std::vector<std::string>& arguments);

}  // namespace understudy
