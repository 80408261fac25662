// A client of the contract that a test environment keeps (docs/environment.md): health, smoke tests, statistics,
// maintenance mode and clones.
//
// /health and /test are asked once: 503 is an answer of theirs. Everything else is asked again, with a growing pause or
// that of Retry-After, when there was no answer or 503; all of it may be, since each call has the same effect twice as
// once (POST /clone by its Id).
//
// Errors are ExitCode::environment_unfit, or ExitCode::tls where certificates are at fault, and say what was asked,
// what came, and what to do.
//
// Thread safety: one thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "replay/environment/clone_payloads.hpp"
#include "replay/environment/http_client.hpp"
#include "replay/environment/pause.hpp"
#include "replay/environment/payloads.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// Where each call goes, below the target's base path.
struct EnvironmentPaths {
  std::string health = "/health";
  std::string test = "/test";
  std::string statistics = "/admin/statistics";
  std::string clone = "/clone";
  HttpCall maintenance_on{"PUT", "/admin/maintenance", R"({"MaintenanceMode":true})"};
  HttpCall maintenance_off{"PUT", "/admin/maintenance", R"({"MaintenanceMode":false})"};
};

// Pauses between attempts: first, doubled each time, up to max; Retry-After instead where it is given, up to
// retry_after_max.
struct RetryPolicy {
  unsigned attempts_max = 6;  // 1: no retry
  Nanoseconds first = std::chrono::milliseconds(250);
  Nanoseconds max = std::chrono::seconds(8);
  Nanoseconds retry_after_max = std::chrono::seconds(60);

  // Before the attempt after `failed` ones, from 1 on.
  [[nodiscard]] Nanoseconds pause(unsigned failed, std::optional<Nanoseconds> retry_after) const;
};

struct EnvironmentOptions {
  HttpClientOptions http;
  EnvironmentPaths paths;
  RetryPolicy retry;
};

// One answer of /health, whatever its status.
struct HealthAnswer {
  int status = 0;
  std::optional<HealthPayload> payload;  // nothing: there was none that could be read
  std::string problem;                   // why there is no payload

  // 200, with its database, and not in maintenance.
  [[nodiscard]] bool is_healthy() const;
  // "200, BuildVersion 1.0".
  [[nodiscard]] std::string text() const;
};

class EnvironmentClient {
 public:
  // Both outlive the client.
  EnvironmentClient(EnvironmentOptions options, const Clock& clock, Pause& pause);

  [[nodiscard]] Result<HealthAnswer> health() const;
  // 503 with a payload is an answer, too: the service is unfit or in maintenance, and says which tests fail.
  [[nodiscard]] Result<TestPayload> tests() const;
  // The body: one JSON value, checked.
  [[nodiscard]] Result<std::string> statistics() const;
  // Asks, then waits until /health says so, since the call's answer alone is no proof.
  [[nodiscard]] Result<void> set_maintenance(bool on, Nanoseconds deadline = std::chrono::seconds(30)) const;

  // Accepted, or running already under the same Id with the same body. 409 is an error: another clone has the Id.
  [[nodiscard]] Result<CloneAcceptance> start_clone(const CloneRequest& request) const;
  // The state now, or, if it is not final, when it is or `wait` has passed, if the service can wait.
  [[nodiscard]] Result<CloneState> clone_state(std::string_view id, std::chrono::seconds wait) const;
  // Until it is final; `progress` gets every state. Error when it is not final by the deadline (from now) or the wait
  // is stopped. A clone that failed is no error here: see CloneState::status.
  [[nodiscard]] Result<CloneState> wait_for_clone(const CloneAcceptance& accepted, Nanoseconds deadline,
                                                  const std::function<void(const CloneState&)>& progress) const;
  [[nodiscard]] Result<CloneManifest> clone_manifest(std::string_view id) const;
  [[nodiscard]] Result<void> cancel_clone(std::string_view id) const;

  [[nodiscard]] const EnvironmentPaths& paths() const { return options_.paths; }
  [[nodiscard]] std::string display() const { return http_.display(); }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  [[nodiscard]] Pause& pause() const { return pause_; }

 private:
  // Up to an answer that is not 503, or the last attempt.
  [[nodiscard]] Result<HttpAnswer> send(const HttpCall& call) const;
  // The same, with any other status than `expected` an error.
  [[nodiscard]] Result<HttpAnswer> expect(const HttpCall& call, int expected) const;
  [[nodiscard]] std::string clone_path(std::string_view id) const;

  EnvironmentOptions options_;
  HttpClient http_;
  const Clock& clock_;
  Pause& pause_;
};

}  // namespace understudy
