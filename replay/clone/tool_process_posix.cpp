#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "replay/clone/tool_process.hpp"

namespace understudy {
namespace {

constexpr const char* shell = "/bin/sh";
constexpr Nanoseconds poll_pause = std::chrono::milliseconds(20);
constexpr Nanoseconds kill_pause = std::chrono::seconds(5);

// A descriptor that is closed in the end.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

[[nodiscard]] std::string program_of(const ToolCommand& command) {
  return command.by_shell ? shell : command.arguments[0];
}

[[nodiscard]] std::string words(int reason) { return std::generic_category().message(reason); }

// The environment of the child, ready before the fork: nothing may be allocated after it.
[[nodiscard]] std::vector<std::string> child_environment(const ToolCommand& command) {
  const auto is_replaced = [&](std::string_view entry) {
    for (const auto& [name, value] : command.environment) {
      if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') return true;
    }
    return false;
  };
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!is_replaced(*entry)) all.emplace_back(*entry);
  }
  for (const auto& [name, value] : command.environment) all.push_back(name + "=" + value);
  return all;
}

[[nodiscard]] std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

// Between fork and exec, in the child: only what is safe in a signal handler. Never returns.
[[noreturn]] void become_tool(char* const* arguments, char* const* environment, int output, int report, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // the parent died before it could be said
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  const int input = ::open("/dev/null", O_RDONLY);
  if (input >= 0 && ::dup2(input, 0) >= 0 && ::dup2(output, 1) >= 0 && ::dup2(output, 2) >= 0) {
    environ = const_cast<char**>(environment);
    ::execvp(arguments[0], arguments);
  }
  const int reason = errno;
  (void)!::write(report, &reason, sizeof reason);
  ::_exit(127);
}

// Reaps the child if it has ended; leaves nothing of its group behind then.
[[nodiscard]] bool has_ended(pid_t child, int& status) {
  if (::waitpid(child, &status, WNOHANG) == 0) return false;
  ::kill(-child, SIGKILL);
  return true;
}

// Polls, since the end of a process and a stop cannot be waited for at once without a descriptor for each.
[[nodiscard]] bool wait_for(pid_t child, int& status, Nanoseconds time, const std::stop_token* stop) {
  const MonotonicTime end = system_clock().monotonic_now() + time;
  while (!has_ended(child, status)) {
    if (system_clock().monotonic_now() >= end || (stop != nullptr && stop->stop_requested())) return false;
    std::this_thread::sleep_for(poll_pause);
  }
  return true;
}

[[nodiscard]] int exit_code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

[[nodiscard]] Result<pid_t> start(const ToolCommand& command) {
  const Descriptor output(
      ::open(command.output_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (output.number() < 0) {
    return fail(ExitCode::output_failed, fmt::format("cannot write '{}': {}", command.output_file, words(errno)));
  }
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(ExitCode::internal, "cannot make a pipe: " + words(errno));
  const Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);
  const std::vector<std::string> environment = child_environment(command);
  const std::vector<std::string> arguments =
      command.by_shell ? std::vector<std::string>{shell, "-c", command.arguments[0]} : command.arguments;
  const std::vector<char*> argument_list = pointers(arguments);
  const std::vector<char*> environment_list = pointers(environment);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    become_tool(argument_list.data(), environment_list.data(), output.number(), write_end.number(), parent);
  }
  if (child < 0) return fail(ExitCode::internal, "cannot start a process: " + words(errno));
  ::setpgid(child, child);  // whoever of the two comes first
  write_end.close();
  int reason = 0;
  ssize_t got = -1;
  while ((got = ::read(read_end.number(), &reason, sizeof reason)) < 0 && errno == EINTR) {
  }
  if (got <= 0) return child;
  ::waitpid(child, nullptr, 0);
  return fail(ExitCode::configuration,
              fmt::format("cannot start '{}': {}; is it installed?", program_of(command), words(reason)));
}

}  // namespace

Result<ToolOutcome> run_tool(const ToolCommand& command, std::stop_token stop) {
  const MonotonicTime begin = system_clock().monotonic_now();
  const Result<pid_t> child = start(command);
  if (!child) return tl::unexpected(child.error());
  int status = 0;
  if (!wait_for(*child, status, Nanoseconds::max() / 4, &stop)) {
    ::kill(-*child, SIGTERM);
    if (!wait_for(*child, status, kill_pause, nullptr)) {
      ::kill(-*child, SIGKILL);
      ::waitpid(*child, &status, 0);
    }
    return fail(ExitCode::aborted, fmt::format("'{}' was ended, as asked", program_of(command)));
  }
  return ToolOutcome{exit_code_of(status), system_clock().monotonic_now() - begin};
}

}  // namespace understudy
