#include "agent/service_hooks.hpp"

#include <fmt/format.h>

#include "agent/agent.hpp"
#include "agent/check/self_test.hpp"
#include "agent/npcap_installer.hpp"
#include "agent/options.hpp"
#include "agent/service_options.hpp"

namespace understudy {
namespace {

// As the service itself will read it.
Result<AgentOptions> options_of(const std::string& config_path) {
  auto parsed = parse_command_line({"run", "--config", config_path});
  if (!parsed) return tl::unexpected(parsed.error());
  return std::move(*parsed->options);
}

// A configuration that nobody has written anything into is no error, only nothing to start.
Result<bool> has_output(const std::string& config_path) {
  const auto printed = parse_command_line({"run", "--config", config_path, "--print-config"});
  if (!printed) return tl::unexpected(printed.error());
  const std::string lines = "\n" + printed->text;
  const auto is_set = [&lines](const char* key) { return lines.find(key) != std::string::npos; };
  if (!is_set("\nto = ") && !is_set("\nrecord = ") && !is_set("\nstream = ")) return false;
  return options_of(config_path).map([](const AgentOptions&) { return true; });
}

Result<void> self_test(const std::string& config_path, Nanoseconds time_max) {
  auto options = options_of(config_path);
  if (!options) return tl::unexpected(options.error());
  options->self_test_time = time_max;
  SelfTestRequest request = self_test_request(*options);
  request.agent_required = true;
  const CheckReport report = run_self_test(request);
  if (report.would_work()) return {};
  return fail(ExitCode::self_test_failed,
              fmt::format("The self-test failed: the agent runs, but would not mirror. {}.", reasons_of(report)));
}

Result<ExitCode> run(const std::vector<std::string>& arguments, std::function<void()> on_started) {
  const auto parsed = parse_command_line(arguments);
  if (!parsed) return tl::unexpected(parsed.error());
  return run_agent(*parsed->options, arguments, std::move(on_started));
}

}  // namespace

ServiceHooks make_service_hooks() {
  ServiceHooks hooks;
  hooks.apply = [](const std::string& text, const std::vector<ConfigSetting>& settings) {
    return edit_service_config(text, settings, "the service's configuration");
  };
  hooks.has_output = has_output;
  hooks.self_test = self_test;
  hooks.run = run;
  hooks.install_capture = [](const std::string& path, const std::string& sha256) {
    return install_npcap_if_needed({path, sha256});
  };
  return hooks;
}

}  // namespace understudy
