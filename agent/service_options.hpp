// The options of `understudy-agent service`.
//
// `service install` takes the flags of `run` as well, and writes those that are given into the configuration of the
// service; by the environment, too, so that a secret need not be an argument.
#pragma once

#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/option_definitions.hpp"
#include "agent/service/service.hpp"
#include "traffic/command_line/config_file.hpp"

namespace understudy {

struct RawServiceOptions : RawOptions {
  std::string action;
  std::string settings;
  std::string service_timeout = "30s";
  std::string service_memory = "512MiB";
  std::string service_cpu = "50%";
  std::string npcap_installer;
  std::string npcap_sha256;
  std::vector<ConfigSetting> given;  // by apply_service_files()
};

void define_service_options(CLI::App& command, RawServiceOptions& raw);

// Notes what the command line, the environment and --settings give, then reads the service's configuration, where there
// is one, for the rest. Errors: as apply_config_file.
[[nodiscard]] Result<void> apply_service_files(CLI::App& command, RawServiceOptions& raw,
                                               std::span<const std::string_view> sections,
                                               std::span<const CLI::App* const> siblings);

[[nodiscard]] Result<ServiceOptions> validate_service(const RawServiceOptions& raw);

// The service's configuration with settings written into it: edit_config() with the tables of our configuration.
[[nodiscard]] Result<std::string> edit_service_config(const std::string& text,
                                                      const std::vector<ConfigSetting>& settings,
                                                      const std::string& path);

}  // namespace understudy
