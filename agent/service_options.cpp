#include "agent/service_options.hpp"

#include <filesystem>

#include "traffic/base/units.hpp"
#include "traffic/command_line/option_group.hpp"
#include "traffic/command_line/validation.hpp"

namespace understudy {
namespace {

constexpr const char* footer = R"(Examples:
  understudy-agent service install --port 8080 --to https://shadow.example.com
  understudy-agent service status --json
  understudy-agent service uninstall

install makes the service, or brings it up to date, starts it, and tests whether it sees its service's requests. The
flags of 'run' that are given, also by the environment, are written into its configuration; what is there besides stays.
Windows alone: on Linux the packages install the service, and this command starts, stops and shows it.)";

// Flags of this command that say how to do it, and are no settings of the service.
constexpr std::string_view not_written[] = {"help",           "config",          "print-config",
                                            "json",           "settings",        "service-timeout",
                                            "self-test-time", "npcap-installer", "npcap-sha256"};

}  // namespace

void define_service_options(CLI::App& command, RawServiceOptions& raw) {
  command.footer(footer);
  command.add_option("action", raw.action, "install, start, stop, restart, status or uninstall")
      ->required()
      ->type_name("ACTION");
  OptionGroup group(command, "Service");
  group.flag("--json", raw.json, "Print JSON instead of text");
  group.one("--settings", raw.settings, "FILE",
            "For install: take settings from this file as well, a TOML file as --config is; it is removed then");
  group.one("--service-timeout", raw.service_timeout, "TIME", "For the service to start, and to stop");
  define_self_test_time(group, raw);
  group.one("--service-memory", raw.service_memory, "SIZE",
            "Memory that Windows lets the service have, a guard above --max-memory");
  group.one("--service-cpu", raw.service_cpu, "PERCENT",
            "CPU time that Windows lets the service have, of all processors together; 100% is no limit");
  group.one("--npcap-installer", raw.npcap_installer, "FILE",
            "For install: run this Npcap OEM installer of yours first, unless Npcap works already");
  group.one("--npcap-sha256", raw.npcap_sha256, "HEX", "The SHA-256 that the installer must have");
  define_run_options(command, raw);
}

Result<void> apply_service_files(CLI::App& command, RawServiceOptions& raw, std::span<const std::string_view> sections,
                                 std::span<const CLI::App* const> siblings) {
  if (raw.config.empty()) raw.config = default_config_path();
  if (!raw.settings.empty()) {
    if (auto applied = apply_config_file(raw.settings, command, sections, siblings); !applied) return applied;
  }
  raw.given = given_settings(command, not_written);
  std::erase_if(raw.given, [](const ConfigSetting& setting) { return setting.name == "action"; });
  std::error_code error;
  if (!std::filesystem::exists(raw.config, error)) return {};
  return apply_config_file(raw.config, command, sections, siblings);
}

Result<ServiceOptions> validate_service(const RawServiceOptions& raw) {
  ServiceOptions options;
  Validation check;
  check.take(parse_service_action(raw.action), options.action);
  options.json = raw.json;
  options.setup.config_path = raw.config;
  options.setup.settings = raw.given;
  options.setup.settings_path = raw.settings;
  check.read("service-timeout", raw.service_timeout, parse_duration, options.timeout);
  check.read("self-test-time", raw.self_test_time, parse_duration, options.self_test_time);
  options.capture_installer = raw.npcap_installer;
  options.capture_installer_sha256 = raw.npcap_sha256;
  check.require(raw.npcap_installer.empty() == raw.npcap_sha256.empty(), "npcap-installer",
                "and --npcap-sha256 go together: only the file that you mean is run");
  check.read("service-memory", raw.service_memory, parse_byte_size, options.limits.memory_bytes_max);
  check.require(check.error() || options.limits.memory_bytes_max >= (64U << 20U), "service-memory",
                "must be at least 64MiB");
  Percentage cpu;
  check.read("service-cpu", raw.service_cpu, parse_percentage, cpu);
  check.require(check.error() || cpu.per_million >= 10'000, "service-cpu", "must be at least 1%");
  if (cpu.per_million < percentage_whole) {
    options.limits.cpu_fraction_max = cpu.per_million / static_cast<double>(percentage_whole);
  }
  if (check.error()) return tl::unexpected(*check.error());
  return options;
}

}  // namespace understudy
