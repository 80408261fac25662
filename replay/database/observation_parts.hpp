// What an observation is put together from, beyond the difference of two snapshots.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "replay/database/connection.hpp"
#include "replay/database/observation.hpp"
#include "traffic/base/clock.hpp"

namespace understudy {

// Statements whose calls differ, each query_id once.
[[nodiscard]] std::vector<std::int64_t> changed_statements(const std::optional<StatementsSnapshot>& before,
                                                           const StatementsSnapshot& after);

// Whether only a server that answers can tell it.
[[nodiscard]] bool is_asked_of_server(CounterSource source);

// Plans of the `plans_max` classes with the largest share of reads, and of as many with most time.
void add_plans(DatabaseConnection& connection, std::size_t plans_max, Observation& observation);

// A warning where the device did clearly more than the server's processes asked of it.
void check_device_is_private(Observation& observation);

// The minutes of the run; a source that is missing where they cannot be had.
void add_cloudwatch(const CloudWatchOptions& options, const Clock& clock, Observation& observation);

// Latencies of the classes, one statement after the other. A class keeps samples_max of them, the first ones, for the
// percentiles; beyond classes_max classes, further ones are counted together under "".
class LogTimes {
 public:
  static constexpr std::size_t samples_max = 200'000;
  static constexpr std::size_t samples_total_max = 20'000'000;
  static constexpr std::size_t classes_max = 10'000;

  void take(const LoggedStatement& statement);
  [[nodiscard]] QueryLogSummary summary(std::uint64_t skipped);

 private:
  struct Times {
    std::uint64_t count = 0;
    double sum = 0;
    double max = 0;
    std::vector<float> samples;  // milliseconds
  };
  std::map<std::string, Times> classes_;
  std::map<std::int64_t, std::string> keys_;  // by query_id, which spares parsing each text
  std::uint64_t statements_ = 0;
  std::size_t samples_total_ = 0;
};

}  // namespace understudy
