// What a service says of itself: the answers of /health and /test.
//
//   /health {"BuildVersion": "1.0.16209.8792", "BuildTimestamp": "2016-07-27T04:53:04+00:00",
//            "DatabaseConnectivity": true, "MaintenanceMode": false}
//   /test   {"Health": {...}, "Tests": [{"Name": ..., "Description": ..., "Endpoint": ..., "Success": true,
//            "Error": null}]}
//
// The readers tolerate members that they do not know, and are strict about the types of those that they do. Errors are
// ExitCode::environment_unfit and say which member was wrong and what it was.
//
// Values; pure functions; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/error.hpp"

namespace understudy {

inline constexpr std::size_t service_tests_max = 10'000;

struct HealthPayload {
  std::string build_version;
  std::string build_timestamp;  // empty: the service does not tell
  bool database_connectivity = false;
  bool maintenance_mode = false;

  // "BuildVersion 1.0, in maintenance": what is well goes without saying.
  [[nodiscard]] std::string text() const;
};

// One smoke test of /test.
struct ServiceTest {
  std::string name;
  std::string description;
  std::string endpoint;
  bool success = false;
  std::string error;  // empty: null or none
};

struct TestPayload {
  HealthPayload health;
  std::vector<ServiceTest> tests;  // in the order of the answer
};

// BuildVersion, DatabaseConnectivity and MaintenanceMode are wanted; BuildTimestamp may be missing or null.
[[nodiscard]] Result<HealthPayload> read_health(std::string_view body);

// Health and Tests are wanted, and of each test Name and Success. A Name that comes twice is refused, since tests are
// compared by it.
[[nodiscard]] Result<TestPayload> read_tests(std::string_view body);

}  // namespace understudy
