// The status server: GET /health, /test, /metrics and /status over HTTP/1.1, on loopback by default.
//
// /health and /test have the shape that services of this kind already serve to load balancers and monitors; see
// docs/status.md. /health answers 200, or 503 when the instance is unfit. /test answers 503 whenever /health does and
// in maintenance mode, else 200; a failing test shows in the body. Anything else is 404, any method but GET and HEAD is
// 405.
//
// Bounds: 2 threads, 16 connections waiting, one request a connection, 16 KiB read of a client, 5 s for a connection as
// a whole. The server uses nothing of a request but its method and path. It has no access control: whoever can connect
// can read target names and counters, so it stays on loopback unless the user names another address.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

struct HealthReport {
  bool healthy = true;
  std::string reason;           // why not healthy; empty otherwise
  std::string build_version;    // "0.1.0"
  std::string build_timestamp;  // ISO 8601
  // Monitors expect the key. A program without a database reports true: none that it depends on is missing.
  bool database_connectivity = true;
  bool maintenance_mode = false;
};

// One smoke test, run now over HTTP or by other real means.
struct TestResult {
  std::string name;
  std::string description;
  std::string endpoint;  // what it exercised
  bool success = false;
  std::string error;  // empty: null in the answer
};

// Called from the server's threads, so they are thread safe, and they return soon. An exception becomes 500.
struct StatusHandlers {
  std::function<HealthReport()> health;
  std::function<std::vector<TestResult>()> tests;
  std::function<std::string()> metrics;  // Prometheus text
  std::function<std::string()> status;   // JSON
};

// Bodies of /health and /test. Pure.
[[nodiscard]] std::string health_json(const HealthReport& health);
[[nodiscard]] std::string test_json(const HealthReport& health, const std::vector<TestResult>& tests);

class StatusServer {
 public:
  // Listens on "127.0.0.1:9600", "[::1]:9600" or "0.0.0.0:9600"; port 0 picks a free one. Answers from the moment it
  // returns. Errors: ExitCode::usage for an address that cannot be read, address_in_use, permission.
  [[nodiscard]] static Result<std::unique_ptr<StatusServer>> start(
      std::string_view address, StatusHandlers handlers, Nanoseconds connection_time_max = std::chrono::seconds(5));

  // Closes the socket, breaks off what is being served, and joins the threads: within a fraction of a second, or when
  // the handlers return.
  ~StatusServer();
  StatusServer(const StatusServer&) = delete;
  StatusServer& operator=(const StatusServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  // "http://127.0.0.1:9600", to tell the user.
  [[nodiscard]] const std::string& url() const;

 private:
  struct State;
  explicit StatusServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace understudy
