#include "replay/serve/service_checks.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <memory>

#include "replay/compare/json_document.hpp"
#include "replay/compare/shown_value.hpp"
#include "replay/serve/serve_access.hpp"
#include "traffic/base/json_text.hpp"
#include "traffic/base/quantity_text.hpp"

namespace understudy {
namespace {

constexpr Nanoseconds health_age_max = std::chrono::seconds(1);
constexpr std::size_t statistic_rows_max = 10'000;
constexpr std::size_t statistics_bytes_max = std::size_t{16} << 20U;

// Without the semicolon that people put behind a statement: it stands in parentheses.
[[nodiscard]] std::string_view bare_statement(std::string_view sql) {
  const std::size_t end = sql.find_last_not_of(" \t\r\n;");
  return sql.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

}  // namespace

std::string statistic_value(const std::vector<std::string>& rows) {
  if (rows.size() == 1) {
    JsonArena arena;
    const boost::json::value* const row = arena.parse(rows[0]);
    if (row != nullptr && row->is_object() && row->get_object().size() == 1) {
      return boost::json::serialize(row->get_object().begin()->value());
    }
  }
  return fmt::format("[{}]", fmt::join(rows, ","));
}

ServiceChecks::ServiceChecks(const ServeSettings& settings, const Clock& clock) : settings_(settings), clock_(clock) {}

Result<std::unique_ptr<ServiceChecks>> ServiceChecks::create(const ServeSettings& settings, const Clock& clock) {
  std::unique_ptr<ServiceChecks> checks(new ServiceChecks(settings, clock));
  if (settings.service_url.empty()) return checks;
  auto target = parse_target(settings.service_url);
  if (!target) return tl::unexpected(target.error());
  HttpClientOptions options;
  options.target = std::move(*target);
  options.connect_timeout = settings.check_timeout;
  options.response_timeout = settings.check_timeout;
  checks->service_ = std::move(options);
  return checks;
}

Result<std::unique_ptr<DatabaseConnection>> ServiceChecks::connect() const {
  const auto route = postgres_route(settings_.credentials.find(settings_.database_credential)->second);
  if (!route) return tl::unexpected(route.error());
  DatabaseConnectionOptions options;
  options.where = route->where(settings_.database_name);
  options.password = route->password;
  options.ambient_password = !route->password;
  options.connect_timeout = settings_.check_timeout;
  options.statement_timeout = settings_.check_timeout;
  auto connection = DatabaseConnection::open(options, clock_);
  if (!connection) return connection;
  const auto set = (*connection)->query("SET default_transaction_read_only = on");
  if (!set) return tl::unexpected(set.error());
  return connection;
}

HealthReport ServiceChecks::check_health() const {
  HealthReport report;
  report.build_version = settings_.build_version;
  report.build_timestamp = settings_.build_timestamp;
  if (service_) {
    const HttpClient client(*service_);
    const Result<HttpAnswer> answer = client.send({.path = "/health"});
    const Result<HealthPayload> payload =
        answer ? read_health(answer->body) : Result<HealthPayload>(tl::unexpected(answer.error()));
    if (payload) {
      if (report.build_version.empty()) report.build_version = payload->build_version;
      if (report.build_timestamp.empty()) report.build_timestamp = payload->build_timestamp;
      report.database_connectivity = payload->database_connectivity;
      report.maintenance_mode = payload->maintenance_mode;
      report.healthy = answer->status == 200 || payload->maintenance_mode;
      if (!report.healthy) report.reason = fmt::format("the service's /health is answered {}", answer->status);
    } else {
      report.database_connectivity = false;
      report.healthy = false;
      report.reason = payload.error().message;
    }
  }
  if (!settings_.database_credential.empty()) {
    const auto connection = connect();
    report.database_connectivity = connection.has_value();
    if (!connection) report.reason = connection.error().message;
  }
  if (!report.database_connectivity) report.healthy = false;
  if (!report.healthy && report.reason.empty()) report.reason = "the service does not reach its database";
  return report;
}

HealthReport ServiceChecks::health() {
  const std::lock_guard lock(health_mutex_);
  const MonotonicTime now = clock_.monotonic_now();
  if (!last_health_time_ || now - *last_health_time_ >= health_age_max) {
    last_health_ = check_health();
    last_health_time_ = clock_.monotonic_now();
  }
  return last_health_;
}

TestResult ServiceChecks::run_test(const ServeSmokeTest& test) const {
  TestResult result{test.name, test.description, test.path, false, {}};
  const Result<HttpAnswer> answer = HttpClient(*service_).send({.path = test.path});
  if (!answer) {
    result.error = answer.error().message;
  } else if (answer->status != test.status) {
    result.error = fmt::format("answered {} instead of {}", answer->status, test.status);
  } else if (answer->body.find(test.contains) == std::string::npos) {
    result.error =
        fmt::format("the answer of {} lacks \"{}\"", bytes_text(answer->body.size()), shown_text(test.contains));
  } else {
    result.success = true;
  }
  return result;
}

std::vector<TestResult> ServiceChecks::tests() {
  const std::lock_guard lock(tests_mutex_);
  std::vector<TestResult> results;
  for (const ServeSmokeTest& test : settings_.tests) results.push_back(run_test(test));
  return results;
}

Result<std::string> ServiceChecks::statistics() {
  const std::lock_guard lock(statistics_mutex_);
  if (!settings_.statistics_path.empty()) {
    const Result<HttpAnswer> answer = HttpClient(*service_).send({.path = settings_.statistics_path});
    if (!answer) return tl::unexpected(answer.error());
    JsonArena arena;
    if (answer->status == 200 && arena.parse(answer->body) != nullptr) return answer->body;
    return fail(ExitCode::environment_unfit,
                fmt::format("the service answered {} with {}", answer->status,
                            answer->status == 200 ? "no JSON" : "another status than 200"));
  }
  if (settings_.statistics.empty()) return std::string("{}");
  const auto connection = connect();
  if (!connection) return tl::unexpected(connection.error());
  JsonWriter json;
  json.begin_object();
  for (const ServeQuery& query : settings_.statistics) {
    QueryLimits limits;
    limits.rows_max = statistic_rows_max;
    limits.bytes_max = statistics_bytes_max;
    const auto rows =
        (*connection)
            ->query(fmt::format("SELECT row_to_json(t)::text FROM ({}) AS t", bare_statement(query.sql)), {}, limits);
    if (!rows) {
      return fail(rows.error().code, fmt::format("the query \"{}\" failed: {}", query.name, rows.error().message));
    }
    std::vector<std::string> texts;
    for (std::size_t row = 0; row < rows->size(); ++row) texts.emplace_back(rows->text(row, 0));
    json.key(query.name).raw(statistic_value(texts));
  }
  json.end_object();
  return json.take();
}

}  // namespace understudy
