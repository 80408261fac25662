// Runs another program to its end: the tools of PostgreSQL, and commands of the user's.
//
// It leads a process group (on Windows a job) of its own, which ends with it, and with this program. Its standard input
// is empty; output and errors go into one file. Secrets reach it by its environment, never by its arguments.
// One source file per platform.
#pragma once

#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

struct ToolCommand {
  std::vector<std::string> arguments;  // arguments[0] by PATH unless it has a '/'. REQUIRES: not empty
  std::vector<std::pair<std::string, std::string>> environment;  // on top of this program's own
  std::string output_file;                                       // replaced; readable by its owner only
  // The one argument is a command of the user's for a shell: /bin/sh, or cmd.exe of the system's folder. Messages name
  // the shell, not the command, which may hold a secret.
  bool by_shell = false;
};

struct ToolOutcome {
  int exit_code = 0;  // 128 + N for signal N, as in a shell
  Nanoseconds duration{};
};

// Waits for it. A program that cannot be started is ExitCode::configuration, a file that cannot be written is
// ExitCode::output_failed. When a stop is requested, the group gets SIGTERM, and SIGKILL five seconds later:
// ExitCode::aborted. Any thread.
[[nodiscard]] Result<ToolOutcome> run_tool(const ToolCommand& command, std::stop_token stop);

// The end of what it wrote, `size_max` bytes of it, for an error or a document; "" where there is no file.
[[nodiscard]] std::string tool_output(const std::string& output_file, std::size_t size_max);
// The same for an error: one printable line of 1,000 bytes.
[[nodiscard]] std::string tool_output_end(const std::string& output_file);

}  // namespace understudy
