#include "replay/environment/environment_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "replay/compare/json_document.hpp"
#include "replay/compare/shown_value.hpp"
#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

constexpr int status_ok = 200;
constexpr int status_accepted = 202;
constexpr int status_conflict = 409;
constexpr int status_unavailable = 503;
constexpr std::chrono::seconds clone_wait{20};      // what the service is asked to hold an answer for
constexpr std::chrono::seconds clone_pause_min{1};  // between two questions to a service that does not hold it
constexpr std::chrono::milliseconds maintenance_poll{500};

// What an unexpected answer was, with as much of its body as fits a line.
[[nodiscard]] std::string shown_answer(const HttpAnswer& answer) {
  if (answer.body.empty()) return fmt::format("{}", answer.status);
  return fmt::format("{} with \"{}\"", answer.status, shown_text(answer.body));
}

[[nodiscard]] std::string_view advice(int status) {
  if (status == 401 || status == 403) return "; does it want a header, such as --header 'Authorization: ...'?";
  if (status == 404 || status == 405) return "; is this the right path?";
  if (status == status_unavailable) return "; is the service in maintenance, or not up?";
  if (status >= 300 && status < 400) return "; redirects are not followed: give the address that it leads to";
  return "";
}

[[nodiscard]] tl::unexpected<Error> unexpected_answer(const std::string& asked, const HttpAnswer& answer,
                                                      int expected) {
  return fail(ExitCode::environment_unfit, fmt::format("{} answered {} instead of {}{}", asked, shown_answer(answer),
                                                       expected, advice(answer.status)));
}

// The same error with the question in front.
template <typename T>
[[nodiscard]] Result<T> about_call(const std::string& asked, Result<T> result) {
  if (!result) result.error().message = fmt::format("{}: {}", asked, result.error().message);
  return result;
}

}  // namespace

Nanoseconds RetryPolicy::pause(unsigned failed, std::optional<Nanoseconds> retry_after) const {
  if (retry_after) return std::min(*retry_after, retry_after_max);
  Nanoseconds time = first;
  for (unsigned i = 1; i < failed && time < max; ++i) time *= 2;
  return std::min(time, max);
}

bool HealthAnswer::is_healthy() const {
  return status == status_ok && payload && payload->database_connectivity && !payload->maintenance_mode;
}

std::string HealthAnswer::text() const { return fmt::format("{}, {}", status, payload ? payload->text() : problem); }

EnvironmentClient::EnvironmentClient(EnvironmentOptions options, const Clock& clock, Pause& pause)
    : options_(std::move(options)), http_(options_.http), clock_(clock), pause_(pause) {}

Result<HttpAnswer> EnvironmentClient::send(const HttpCall& call) const {
  for (unsigned attempt = 1;; ++attempt) {
    Result<HttpAnswer> answer = http_.send(call);
    const bool is_worth_another =
        answer ? answer->status == status_unavailable : answer.error().code == ExitCode::environment_unfit;
    if (!is_worth_another || attempt >= options_.retry.attempts_max) return answer;
    const auto retry_after = answer ? answer->retry_after : std::nullopt;
    if (!pause_.wait(options_.retry.pause(attempt, retry_after))) return answer;
  }
}

Result<HttpAnswer> EnvironmentClient::expect(const HttpCall& call, int expected) const {
  Result<HttpAnswer> answer = send(call);
  if (answer && answer->status != expected) return unexpected_answer(http_.display(call), *answer, expected);
  return answer;
}

Result<HealthAnswer> EnvironmentClient::health() const {
  const Result<HttpAnswer> answer = http_.send({.path = options_.paths.health});
  if (!answer) return tl::unexpected(answer.error());
  HealthAnswer health{answer->status, std::nullopt, {}};
  auto payload = read_health(answer->body);
  if (payload && (answer->status == status_ok || answer->status == status_unavailable)) {
    health.payload = std::move(*payload);
  } else {
    health.problem = payload ? "which /health does not answer" : payload.error().message;
  }
  return health;
}

Result<TestPayload> EnvironmentClient::tests() const {
  const HttpCall call{.path = options_.paths.test};
  const Result<HttpAnswer> answer = http_.send(call);
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status != status_ok && answer->status != status_unavailable) {
    return unexpected_answer(http_.display(call), *answer, status_ok);
  }
  auto payload = read_tests(answer->body);
  if (!payload && answer->status == status_unavailable)
    return unexpected_answer(http_.display(call), *answer, status_ok);
  return about_call(http_.display(call), std::move(payload));
}

Result<std::string> EnvironmentClient::statistics() const {
  const HttpCall call{.path = options_.paths.statistics};
  Result<HttpAnswer> answer = expect(call, status_ok);
  if (!answer) return tl::unexpected(answer.error());
  JsonArena arena;
  if (arena.parse(answer->body) == nullptr) {
    return fail(ExitCode::environment_unfit,
                fmt::format("{} answered \"{}\", which is no JSON; is this the right path?", http_.display(call),
                            shown_text(answer->body)));
  }
  return std::move(answer->body);
}

Result<void> EnvironmentClient::set_maintenance(bool on, Nanoseconds deadline) const {
  const HttpCall& call = on ? options_.paths.maintenance_on : options_.paths.maintenance_off;
  const Result<HttpAnswer> answer = send(call);
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status < 200 || answer->status > 299) return unexpected_answer(http_.display(call), *answer, status_ok);
  const MonotonicTime end = clock_.monotonic_now() + deadline;
  while (true) {
    const Result<HealthAnswer> seen = health();
    if (seen && seen->payload && seen->payload->maintenance_mode == on) return {};
    if (clock_.monotonic_now() >= end || !pause_.wait(maintenance_poll)) {
      return fail(
          ExitCode::environment_unfit,
          fmt::format("{} answered {}, but after {} /health does not show MaintenanceMode {}: {}", http_.display(call),
                      answer->status, duration_text(deadline), on, seen ? seen->text() : seen.error().message));
    }
  }
}

std::string EnvironmentClient::clone_path(std::string_view id) const {
  return fmt::format("{}/{}", options_.paths.clone, id);
}

Result<CloneAcceptance> EnvironmentClient::start_clone(const CloneRequest& request) const {
  const Result<std::string> body = to_json(request);
  if (!body) return tl::unexpected(body.error());
  const HttpCall call{"POST", options_.paths.clone, *body};
  const Result<HttpAnswer> answer = send(call);
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status == status_conflict) {
    return fail(ExitCode::environment_unfit, fmt::format("{}: there is another clone with the Id {}; take a new Id",
                                                         http_.display(call), request.id));
  }
  if (answer->status != status_accepted) return unexpected_answer(http_.display(call), *answer, status_accepted);
  return CloneAcceptance{request.id, answer->retry_after};
}

Result<CloneState> EnvironmentClient::clone_state(std::string_view id, std::chrono::seconds wait) const {
  HttpCall call{.path = clone_path(id), .extra_wait = wait};
  if (wait.count() > 0) call.path += fmt::format("?wait={}", wait.count());
  const Result<HttpAnswer> answer = expect(call, status_ok);
  if (!answer) return tl::unexpected(answer.error());
  auto state = about_call(http_.display(call), read_clone_state(answer->body));
  if (state && state->id != id) {
    return fail(ExitCode::environment_unfit,
                fmt::format("{} answered about the clone {}; is another service in between?", http_.display(call),
                            shown_text(state->id)));
  }
  return state;
}

Result<CloneState> EnvironmentClient::wait_for_clone(const CloneAcceptance& accepted, Nanoseconds deadline,
                                                     const std::function<void(const CloneState&)>& progress) const {
  const MonotonicTime end = clock_.monotonic_now() + deadline;
  Nanoseconds time = std::min<Nanoseconds>(accepted.retry_after.value_or(Nanoseconds(0)), deadline);
  while (true) {
    const bool is_stopped = time.count() > 0 && !pause_.wait(time);
    const MonotonicTime asked = clock_.monotonic_now();
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(end - asked);
    auto state = clone_state(accepted.id, std::clamp(left, std::chrono::seconds(0), clone_wait));
    if (!state) return state;
    progress(*state);
    if (is_final(state->status)) return state;
    const MonotonicTime now = clock_.monotonic_now();
    if (is_stopped || now >= end) {
      return fail(ExitCode::environment_unfit,
                  fmt::format("the clone {} is not done {}: {}; it goes on, and DELETE {} cancels it", accepted.id,
                              is_stopped ? "and the wait was stopped" : "within " + duration_text(deadline),
                              state->text(), clone_path(accepted.id)));
    }
    time = now - asked >= clone_pause_min ? Nanoseconds(0) : std::min<Nanoseconds>(clone_pause_min, end - now);
  }
}

Result<CloneManifest> EnvironmentClient::clone_manifest(std::string_view id) const {
  const HttpCall call{.path = clone_path(id) + "/manifest"};
  const Result<HttpAnswer> answer = send(call);
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status == status_conflict) {
    return fail(ExitCode::environment_unfit,
                fmt::format("{}: the clone is not done, so it has no manifest", http_.display(call)));
  }
  if (answer->status != status_ok) return unexpected_answer(http_.display(call), *answer, status_ok);
  return about_call(http_.display(call), read_clone_manifest(answer->body));
}

Result<void> EnvironmentClient::cancel_clone(std::string_view id) const {
  const Result<HttpAnswer> answer = expect({"DELETE", clone_path(id)}, status_accepted);
  if (!answer) return tl::unexpected(answer.error());
  return {};
}

}  // namespace understudy
