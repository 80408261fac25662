#include "replay/serve/environment_routes.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "replay/compare/shown_value.hpp"
#include "replay/serve/clone_request_reader.hpp"
#include "traffic/observe/log.hpp"

namespace understudy {
namespace {

constexpr std::uint64_t wait_max_seconds = 60;
constexpr std::uint64_t segment_max = 100'000'000;
constexpr std::string_view clone_prefix = "/clone/";
constexpr const char* clone_retry_after = "1";
constexpr const char* maintenance_retry_after = "5";

// The parts of "/clone/ID/...": "ID", "ID/manifest", "ID/segments/N".
struct ClonePath {
  std::string_view id;
  std::string_view rest;  // "", "manifest", "segments/N"
};

[[nodiscard]] std::optional<ClonePath> clone_path(std::string_view path) {
  if (!path.starts_with(clone_prefix)) return std::nullopt;
  path.remove_prefix(clone_prefix.size());
  const std::size_t slash = path.find('/');
  ClonePath parts{path.substr(0, slash), slash == std::string_view::npos ? "" : path.substr(slash + 1)};
  const bool known = slash == std::string_view::npos || parts.rest == "manifest" || parts.rest.starts_with("segments/");
  if (parts.id.empty() || !known || parts.rest.find('/') != parts.rest.rfind('/')) return std::nullopt;
  return parts;
}

// A number and nothing else.
[[nodiscard]] std::optional<std::uint64_t> number(std::string_view text, std::uint64_t min, std::uint64_t max) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < min || value > max) return std::nullopt;
  return value;
}

[[nodiscard]] ServeAnswer no_clone(std::string_view id) {
  return problem(404, fmt::format("there is no clone \"{}\"", shown_text(id)));
}

// Ours to mend, so the details are for the log.
[[nodiscard]] ServeAnswer defect(const Error& error) {
  log_error("a request could not be answered", {{"reason", error.message}});
  return problem(500, "the environment could not read or write its own state; its log says why");
}

}  // namespace

EnvironmentRoutes::EnvironmentRoutes(ServiceHandlers service, StateFolder& folder, CloneDesk& desk,
                                     std::string contract, std::size_t waits_max)
    : service_(std::move(service)),
      folder_(folder),
      desk_(desk),
      contract_(std::move(contract)),
      waits_max_(waits_max) {}

std::string EnvironmentRoutes::allowed_methods(std::string_view path) {
  if (path == "/health" || path == "/test" || path == "/admin/statistics" || path == "/openapi.yaml")
    return "GET, HEAD";
  if (path == "/admin/maintenance") return "PUT";
  if (path == "/clone") return "POST";
  const auto clone = clone_path(path);
  if (!clone) return "";
  return clone->rest.empty() ? "GET, HEAD, DELETE" : "GET, HEAD";
}

bool EnvironmentRoutes::is_guarded(std::string_view path) {
  return path.starts_with("/admin/") || path == "/clone" || path.starts_with(clone_prefix);
}

ServeAnswer EnvironmentRoutes::answer(const ServeRequest& request) {
  const std::string& path = request.path;
  if (path == "/health") return answer_health();
  if (path == "/test") return answer_tests();
  if (path == "/admin/statistics") return answer_statistics();
  if (path == "/admin/maintenance") return set_maintenance(request.body);
  if (path == "/openapi.yaml") return {200, contract_, "application/yaml"};
  if (path == "/clone") return start_clone(request.body);
  return answer_clone(request, path);
}

HealthReport EnvironmentRoutes::health() const {
  HealthReport report = service_.health();
  report.maintenance_mode = report.maintenance_mode || folder_.maintenance();
  return report;
}

ServeAnswer EnvironmentRoutes::answer_health() const {
  const HealthReport report = health();
  return {report.healthy ? 200 : 503, health_json(report)};
}

ServeAnswer EnvironmentRoutes::answer_tests() const {
  const HealthReport report = health();
  return {report.healthy && !report.maintenance_mode ? 200 : 503, test_json(report, service_.tests())};
}

ServeAnswer EnvironmentRoutes::answer_statistics() const {
  auto statistics = service_.statistics();
  if (statistics) return {200, std::move(*statistics)};
  return problem(503, "the statistics cannot be read: " + statistics.error().message);
}

ServeAnswer EnvironmentRoutes::set_maintenance(const std::string& body) {
  const auto on = read_maintenance(body);
  if (!on) return problem(400, on.error().message);
  if (auto set = folder_.set_maintenance(*on); !set) return defect(set.error());
  log_info("maintenance mode was set", {{"on", *on}});
  return {200, *on ? R"({"MaintenanceMode":true})" : R"({"MaintenanceMode":false})"};
}

ServeAnswer EnvironmentRoutes::start_clone(const std::string& body) {
  const auto request = read_clone_body(body);
  if (!request) return problem(400, request.error().message);
  const auto later = [](std::string_view why) {
    ServeAnswer answer = problem(503, why);
    answer.headers.emplace_back("Retry-After", maintenance_retry_after);
    return answer;
  };
  if (folder_.maintenance()) return later("the environment is in maintenance mode, and starts no clones meanwhile");
  const auto outcome = desk_.place(*request);
  if (!outcome) {
    const Error& error = outcome.error();
    return error.code == ExitCode::configuration ? problem(422, error.message) : defect(error);
  }
  if (*outcome == CloneDesk::Outcome::full) return later("too many clones wait already, or are kept");
  if (*outcome == CloneDesk::Outcome::conflict) {
    return problem(409, fmt::format("the Id \"{}\" is that of another clone", request->id));
  }
  ServeAnswer answer{202, to_json(*desk_.state(request->id, Nanoseconds::zero()))};
  answer.headers = {{"Location", std::string(clone_prefix) + request->id}, {"Retry-After", clone_retry_after}};
  return answer;
}

ServeAnswer EnvironmentRoutes::answer_clone(const ServeRequest& request, std::string_view path) {
  const auto parts = clone_path(path);
  if (!parts) return problem(404, "there is no such path");
  if (parts->rest == "manifest") return manifest(parts->id);
  if (!parts->rest.empty()) return segment(parts->id, parts->rest.substr(parts->rest.find('/') + 1));
  return request.method == "DELETE" ? cancel_clone(parts->id) : clone_state(parts->id, request);
}

ServeAnswer EnvironmentRoutes::clone_state(std::string_view id, const ServeRequest& request) {
  std::uint64_t seconds = 0;
  const auto [first, last] = request.parameters.equal_range("wait");
  if (first != last) {
    const auto given = number(first->second, 0, wait_max_seconds);
    if (!given || std::next(first) != last) {
      return problem(400, fmt::format("wait must be one whole number of seconds from 0 to {}", wait_max_seconds));
    }
    seconds = *given;
  }
  // Waiting holds a thread: some are always left for those who do not wait.
  const bool may_wait = waits_.fetch_add(1) < waits_max_;
  const auto state = desk_.state(id, may_wait ? std::chrono::seconds(seconds) : Nanoseconds::zero());
  waits_.fetch_sub(1);
  return state ? ServeAnswer{200, to_json(*state)} : no_clone(id);
}

ServeAnswer EnvironmentRoutes::cancel_clone(std::string_view id) {
  const auto state = desk_.cancel(id);
  if (!state) return defect(state.error());
  return *state ? ServeAnswer{202, to_json(**state)} : no_clone(id);
}

ServeAnswer EnvironmentRoutes::manifest(std::string_view id) const {
  const auto state = desk_.state(id, Nanoseconds::zero());
  if (!state) return no_clone(id);
  if (!is_final(state->status)) {
    return problem(409, fmt::format("the clone \"{}\" is not final: it is {}", id, to_string(state->status)));
  }
  auto manifest = desk_.manifest(id);
  return manifest ? ServeAnswer{200, std::move(*manifest)} : defect(manifest.error());
}

ServeAnswer EnvironmentRoutes::segment(std::string_view id, std::string_view text) const {
  const auto wanted = number(text, 1, segment_max);
  if (!wanted) return problem(400, fmt::format("a segment is a number from 1 to {}", segment_max));
  if (!desk_.state(id, Nanoseconds::zero())) return no_clone(id);
  auto segment = desk_.segment(id, *wanted);
  if (!segment) return defect(segment.error());
  if (!*segment) return problem(404, fmt::format("the clone \"{}\" has no finished segment {}", id, *wanted));
  return {200, std::move(**segment)};
}

}  // namespace understudy
