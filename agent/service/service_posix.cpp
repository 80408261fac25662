// systemd. Its unit comes with the packages, so that this side only asks and tells, by systemctl(1).
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "agent/service/service.hpp"
#include "agent/service/systemd_properties.hpp"

extern char** environ;

namespace understudy {
namespace {

constexpr std::size_t output_bytes_max = 64UL * 1024;
constexpr const char* unit = "understudy-agent.service";

struct Finished {
  int code = 0;        // 127: the program is not there
  std::string output;  // standard output and error
};

// Runs a program of the PATH to its end. Descriptors of ours are all close-on-exec.
Result<Finished> run_program(std::vector<std::string> words) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(ExitCode::internal,
                fmt::format("cannot make a pipe for {}: {}", words.front(), std::generic_category().message(errno)));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, arguments.front(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  Finished finished;
  if (error == 0) {
    std::array<char, 4096> piece{};
    while (true) {
      const ssize_t got = ::read(ends[0], piece.data(), piece.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      const std::size_t room = output_bytes_max - finished.output.size();
      finished.output.append(piece.data(), std::min(room, static_cast<std::size_t>(got)));
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    finished.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  } else {
    finished.code = 127;
  }
  ::close(ends[0]);
  return finished;
}

Result<std::string> systemctl(std::vector<std::string> words) {
  const std::string what = words.front();
  words.insert(words.begin(), {"systemctl", "--no-pager", "--no-ask-password"});
  words.emplace_back(unit);
  auto finished = run_program(std::move(words));
  if (!finished) return tl::unexpected(finished.error());
  if (finished->code == 0) return std::move(finished->output);
  if (finished->code == 127 || is_without_systemd(finished->output)) {
    return fail(ExitCode::service_unsupported,
                "systemd does not run on this machine, and there is no other service manager that is supported here. "
                "Start the agent itself: understudy-agent run --config /etc/understudy/agent.toml");
  }
  return fail(systemctl_failure(finished->output),
              fmt::format("systemctl {} {} failed: {}. See: journalctl -u understudy-agent", what, unit,
                          first_line(finished->output)));
}

class Systemd final : public ServiceManager {
 public:
  Result<ServiceStatus> status() override {
    auto shown = systemctl({"show", "--property",
                            "LoadState,ActiveState,UnitFileState,MainPID,ExecMainStatus,ExecMainPID,Result,ExecStart"});
    if (!shown) return tl::unexpected(shown.error());
    ServiceStatus status = status_of(*shown);
    status.name = "understudy-agent";
    status.config = default_config_path();
    return status;
  }

  Result<void> start(Nanoseconds /*timeout*/) override {
    if (auto done = systemctl({"start"}); !done) return tl::unexpected(done.error());
    // A unit whose condition is not met is no failure for systemctl.
    const auto now = status();
    if (!now) return tl::unexpected(now.error());
    if (now->state == ServiceState::running) return {};
    return fail(ExitCode::service_failed,
                fmt::format("The service {} did not start: {}. See: journalctl -u understudy-agent", now->name,
                            now->failure.empty() ? "it ended at once" : now->failure));
  }
  Result<void> stop(Nanoseconds /*timeout*/) override {
    if (auto done = systemctl({"stop"}); !done) return tl::unexpected(done.error());
    return {};
  }

  Result<void> check_ours() override {
    return fail(ExitCode::service_unsupported,
                "On Linux the package installs and removes the service, which is a systemd unit: see apt-get or dnf "
                "with understudy-agent, and docs/install-linux.md for a host without them.");
  }
  Result<std::string> prepare(const ServiceSetup& /*setup*/, const Edit& /*edit*/) override { return refuse(); }
  Result<void> stage_program() override { return check_ours(); }
  Result<void> activate_program() override { return check_ours(); }
  Result<void> configure(ServiceStart /*start*/, std::vector<std::string>& /*warnings*/) override {
    return check_ours();
  }
  void commit() override {}
  void roll_back(bool /*remove_entry*/) override {}
  Result<void> remove(std::vector<std::string>& /*warnings*/) override { return check_ours(); }

 private:
  Result<std::string> refuse() { return tl::unexpected(check_ours().error()); }
};

}  // namespace

std::string default_config_path() { return "/etc/understudy/agent.toml"; }

Result<std::unique_ptr<ServiceManager>> open_service_manager() { return std::make_unique<Systemd>(); }

Result<ExitCode> run_service_command(const ServiceOptions& options, const ServiceHooks& hooks) {
  if (options.action == ServiceAction::run) {
    return fail(ExitCode::service_unsupported,
                "'service run' is what the service manager of Windows calls. On Linux the service is 'understudy-agent "
                "run --config /etc/understudy/agent.toml', started by systemd.");
  }
  auto manager = open_service_manager();
  if (!manager) return tl::unexpected(manager.error());
  return print_service_report(carry_out(**manager, options, hooks), options.json);
}

}  // namespace understudy
