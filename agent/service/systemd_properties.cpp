#include "agent/service/systemd_properties.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace understudy {
namespace {

using Properties = std::map<std::string_view, std::string_view>;

Properties split(std::string_view text) {
  Properties properties;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (const std::size_t equals = line.find('='); equals != std::string_view::npos) {
      properties[line.substr(0, equals)] = line.substr(equals + 1);
    }
  }
  return properties;
}

std::uint32_t number(std::string_view text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

ServiceState state_of(Properties& properties) {
  if (properties["LoadState"] == "not-found" || properties["LoadState"].empty()) return ServiceState::not_installed;
  const std::string_view active = properties["ActiveState"];
  if (active == "active" || active == "reloading") return ServiceState::running;
  if (active == "activating") return ServiceState::starting;
  if (active == "deactivating") return ServiceState::stopping;
  return ServiceState::stopped;
}

ServiceStart start_of(std::string_view unit_file_state) {
  if (unit_file_state.starts_with("enabled")) return ServiceStart::automatic;
  if (unit_file_state == "disabled" || unit_file_state.starts_with("masked")) return ServiceStart::disabled;
  return ServiceStart::manual;
}

// "{ path=/usr/bin/understudy-agent ; argv[]=... }"
std::string program_of(std::string_view exec_start) {
  constexpr std::string_view before = "path=";
  const std::size_t begin = exec_start.find(before);
  if (begin == std::string_view::npos) return {};
  exec_start.remove_prefix(begin + before.size());
  return std::string(exec_start.substr(0, exec_start.find(" ;")));
}

// systemd's reasons (systemd.service(5), "$SERVICE_RESULT"), in words.
std::string failure_of(std::string_view result, std::uint32_t status) {
  if (result.empty() || result == "success") return {};
  if (result == "exec-condition") return "neither a shadow nor a recording is set";
  if (result == "exit-code") return fmt::format("it ended with exit code {}", status);
  if (result == "signal" || result == "core-dump") return fmt::format("it was ended by signal {}", status);
  return fmt::format("systemd says {}", result);
}

}  // namespace

ServiceStatus status_of(std::string_view properties) {
  Properties values = split(properties);
  ServiceStatus status;
  status.state = state_of(values);
  if (status.state == ServiceState::not_installed) return status;
  status.start = start_of(values["UnitFileState"]);
  status.pid = number(values["MainPID"]);
  status.program = program_of(values["ExecStart"]);
  if (status.state != ServiceState::stopped) return status;
  const std::uint32_t ended = number(values["ExecMainStatus"]);
  if (number(values["ExecMainPID"]) != 0) status.ended = ended;
  status.failure = failure_of(values["Result"], ended);
  return status;
}

bool is_without_systemd(std::string_view output) {
  return output.find("not been booted with systemd") != std::string_view::npos ||
         output.find("Failed to connect to bus") != std::string_view::npos;
}

ExitCode systemctl_failure(std::string_view output) {
  for (const std::string_view sign : {"Access denied", "authentication required", "Permission denied"}) {
    if (output.find(sign) != std::string_view::npos) return ExitCode::permission;
  }
  return ExitCode::service_failed;
}

std::string first_line(std::string_view output) {
  const std::string_view line = output.substr(0, output.find('\n'));
  return line.empty() ? "no output" : std::string(line);
}

}  // namespace understudy
