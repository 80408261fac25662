// The composition root of understudy-agent: it owns the threads and puts the parts together.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/check/check.hpp"
#include "agent/check/self_test.hpp"
#include "agent/options.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// `run`: captures, mirrors and records until the capture ends or a signal asks to stop, then drains and prints the
// ledger. `arguments` is the command line, read again on SIGHUP together with the configuration file. `on_started`, if
// there is one, is called once, when the capture is open and the status server answers. Errors before
// anything was captured are returned; what went wrong later is logged, and the exit code tells it.
[[nodiscard]] Result<ExitCode> run_agent(const AgentOptions& options, const std::vector<std::string>& arguments,
                                         std::function<void()> on_started = {});

// `check`: the doctor. ok, or check_failed when a mirror would not work; self_test_failed with --self-test.
[[nodiscard]] Result<ExitCode> run_check(const AgentOptions& options);

// What the doctor, and the self-test of an installation, are to look at, out of the options.
[[nodiscard]] CheckRequest check_request(const AgentOptions& options);
[[nodiscard]] SelfTestRequest self_test_request(const AgentOptions& options);

}  // namespace understudy
