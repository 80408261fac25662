// What the environment says of its service: health, smoke tests and statistics, each asked for real.
//
// Thread safety: any thread. Each kind of check runs once at a time; who asks meanwhile waits. Health is kept for a
// second, so that many pollers are no load on the database.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "replay/clone/postgres_route.hpp"
#include "replay/database/connection.hpp"
#include "replay/environment/environment_client.hpp"
#include "replay/serve/serve_settings.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/observe/status_server.hpp"

namespace understudy {

class ServiceChecks {
 public:
  // Both outlive it. ExitCode::target_invalid for a service's URL that cannot be used.
  [[nodiscard]] static Result<std::unique_ptr<ServiceChecks>> create(const ServeSettings& settings, const Clock& clock);

  // Maintenance mode is that of the service alone.
  [[nodiscard]] HealthReport health();
  [[nodiscard]] std::vector<TestResult> tests();
  // JSON. ExitCode::environment_unfit or database_unfit when its source does not answer.
  [[nodiscard]] Result<std::string> statistics();

 private:
  ServiceChecks(const ServeSettings& settings, const Clock& clock);
  [[nodiscard]] HealthReport check_health() const;
  [[nodiscard]] Result<std::unique_ptr<DatabaseConnection>> connect() const;
  [[nodiscard]] TestResult run_test(const ServeSmokeTest& test) const;

  const ServeSettings& settings_;
  const Clock& clock_;
  std::optional<HttpClientOptions> service_;

  std::mutex health_mutex_;  // guards the two below
  HealthReport last_health_;
  std::optional<MonotonicTime> last_health_time_;
  std::mutex tests_mutex_, statistics_mutex_;  // held while they run
};

// One row's only value, else the rows as an array of objects. `rows` are JSON objects. Pure.
[[nodiscard]] std::string statistic_value(const std::vector<std::string>& rows);

}  // namespace understudy
