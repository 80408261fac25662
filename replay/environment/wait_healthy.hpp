// Waits until an environment is healthy, with the build that is expected.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "replay/environment/environment_client.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

struct HealthWait {
  std::string expected_version;  // exactly this BuildVersion; empty: any, the same in all polls of the row
  unsigned polls = 3;            // healthy ones in a row; 1 or more
  Nanoseconds interval = std::chrono::seconds(1);
  Nanoseconds deadline = std::chrono::minutes(5);  // from the call on
};

// One poll, for whoever watches.
struct HealthPoll {
  std::uint64_t number = 0;  // from 1
  unsigned in_a_row = 0;     // healthy ones so far
  Nanoseconds elapsed{};
  std::string text;  // what it found: "200, BuildVersion 1.0"
};

// The payload of the last poll. A poll that is not answered, is answered by anything but a healthy 200, or by another
// build begins the row anew: behind a load balancer old and new instances answer in turn. A certificate that does not
// verify ends the wait at once (ExitCode::tls); the deadline, or a stopped Pause, ends it with
// ExitCode::environment_unfit and what the last poll found. There is always at least one poll.
[[nodiscard]] Result<HealthPayload> wait_healthy(const EnvironmentClient& client, const HealthWait& wait,
                                                 const std::function<void(const HealthPoll&)>& progress);

}  // namespace understudy
