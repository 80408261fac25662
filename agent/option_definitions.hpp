// The options of understudy-agent, each defined once, bound to the raw text that a user gave.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "agent/safety/privileges.hpp"
#include "traffic/command_line/connection_flags.hpp"
#include "traffic/command_line/middleware_flags.hpp"
#include "traffic/command_line/option_group.hpp"
#include "traffic/rules/rule_options.hpp"

namespace understudy {

// Values as they were given, before validation. Every field's default is what the help shows.
struct RawOptions : RawConnection {
  // capture
  std::string engine = "auto";
  std::vector<std::string> port;
  std::vector<std::string> address;
  std::vector<std::string> interface;
  std::string read;
  std::string bpf;
  std::string buffer = "32MiB";
  int snap_length = 262144;
  std::string delivery_delay = "2ms";
  bool promiscuous = false;
  bool tunnels = false;
  unsigned workers = 1;
  // shadow
  std::vector<std::string> to;
  bool original_host = false;
  bool forwarded_for = false;
  bool session_affinity = false;
  std::size_t connections = 64;
  std::size_t queue_requests = 16384;
  std::string response_timeout = "30s";
  RawMiddleware middleware;
  // recording
  std::string record;
  std::string record_flush = "1s";
  std::string record_rotate;
  std::string record_key_file;
  std::string stream;
  // rules
  RuleOptions rules;
  std::string redact_key_file;
  // HTTP
  std::string max_body = "64MiB";
  std::string max_head = "1MiB";
  std::vector<std::string> policy;
  // safety
  std::string max_memory = "128MiB";
  std::string max_cpu;
  std::string user = default_unprivileged_user();
  std::string drain = "5s";
  // status
  std::string status_address;  // empty: as the help says
  std::string log_format = "text";
  std::string log_level = "info";
  std::string log_file;
  std::string log_rotate;
  std::string summary;
  bool quiet = false;
  // configuration
  std::string config;
  bool print_config = false;
  // check
  bool json = false;
  bool self_test = false;
  std::string self_test_time = "30s";
  std::string check_duration = "5s";
};

// Adds the options of `run` to a subcommand. `raw` outlives `command`.
void define_run_options(CLI::App& command, RawOptions& raw);

// Where /health and its like are served. A flag of `run`, and of whoever asks the running agent.
void define_status_address(OptionGroup& group, RawOptions& raw);
void define_self_test_time(OptionGroup& group, RawOptions& raw);

// Adds the options of `check`, the doctor: the same names with the same meaning, as far as it needs them.
void define_check_options(CLI::App& command, RawOptions& raw);

}  // namespace understudy
