// Expected failures: what went wrong, in words for a person, and the exit code that scripts see.
//
// Expected outcomes (wire, I/O, configuration) travel as Result<T>. Exceptions come only from allocation and third
// parties. A message says what was tried, what happened, and what to do about it, in one line.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace understudy {

// Exit codes of both programs. They are part of the interface: a number never changes its meaning. docs/exit-codes.md
// lists them for users, and a test holds the two together.
enum class ExitCode : int {
  ok = 0,
  internal = 1,               // a defect of ours, or an exception of a third party
  usage = 2,                  // a wrong flag or value on the command line
  configuration = 3,          // a wrong key or value in the configuration file
  permission = 4,             // capturing, binding or reading is not allowed
  no_interface = 5,           // no such network interface, or it cannot be captured from
  bad_filter = 6,             // the packet filter does not compile
  capture_unreadable = 7,     // a capture file that cannot be opened, or is none
  capture_damaged = 8,        // a capture file whose rest could not be used; what came before was
  target_invalid = 9,         // a target or proxy URL that cannot be used
  tls = 10,                   // certificates or keys that cannot be loaded or do not verify
  output_failed = 11,         // a recording that cannot be written
  address_in_use = 12,        // the status address cannot be listened on
  check_failed = 13,          // the doctor found that a mirror would not work
  engine_missing = 14,        // no capture engine on this machine
  undelivered = 15,           // requests were seen, and not one of them reached an output
  recording_unreadable = 16,  // a recording that cannot be opened, is none, is empty, or is of a later version
  objective_failed = 17,      // a replay's objective was not met
  inconclusive = 18,          // a replay's figures do not allow a verdict
  aborted = 19,               // a replay was ended early by --abort-if
  refused = 20,               // what was asked could harm production, and was not allowed by a flag
  environment_unfit = 21,     // a test stack that is not healthy, not reached, or does not keep to its contract
  differences = 22,           // what was compared is not what its rules allow
  database_unfit = 23,        // a database server that is not reached, refuses, or is not what can be worked with
  clone_failed = 24,          // a clone of a bucket or a database that did not succeed
  regressed = 25,             // a rehearsal found the candidate worse than the baseline
  service_missing = 26,       // the service is not installed
  service_failed = 27,        // the service could not be installed, started, stopped or removed
  service_unsupported = 28,   // there is no service manager here that could do it
  self_test_failed = 29,      // the installed agent does not see its service's requests
  service_stopped = 30,       // the service is installed and does not run
  capture_library = 31,       // a capture library that is missing, broken or too old
  installer_failed = 32,      // a capture driver's installer that is not the one named, or did not do its work
};

struct Error {
  ExitCode code = ExitCode::internal;
  std::string message;
};

template <typename T>
using Result = tl::expected<T, Error>;

// For `return fail(ExitCode::usage, "...")` in a function that returns a Result.
[[nodiscard]] inline tl::unexpected<Error> fail(ExitCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace understudy
