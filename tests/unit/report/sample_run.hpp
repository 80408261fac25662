// Runs with known figures.
#pragma once

#include <cstdint>
#include <functional>

#include "replay/report/run_result.hpp"

namespace understudy::test {

// `count` values: value_ns(0), value_ns(1), ...
[[nodiscard]] HistogramSnapshot histogram_of(std::uint64_t count,
                                             const std::function<std::uint64_t(std::uint64_t)>& value_ns);
[[nodiscard]] inline std::uint64_t ms(std::uint64_t milliseconds) { return milliseconds * 1'000'000; }

// One minute at 1,000/s: 60,000 requests, of which 59,400 got 200, 300 got 404, 240 got 503 and 60 timed out. Latency
// from due 1 to 100 ms, evenly; from sent half of it; lateness 10 us. Two routes, two seconds of a series, a recording
// that is complete. No objectives, no verdict.
[[nodiscard]] RunResult sample_run();

}  // namespace understudy::test
