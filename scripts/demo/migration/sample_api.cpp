#include "scripts/demo/migration/sample_api.hpp"

#include <fmt/format.h>
#include <httplib.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <optional>

#include "traffic/base/json_text.hpp"
#include "traffic/observe/status_server.hpp"

namespace understudy {
namespace {

constexpr std::size_t body_bytes_max = 4096;
constexpr const char* json_type = "application/json";

constexpr std::string_view newest_sql =
    "SELECT value FROM reading WHERE customer = $1 AND device = $2 ORDER BY received_at DESC LIMIT 1";
constexpr std::string_view insert_sql = "INSERT INTO reading (customer, device, value) VALUES ($1, $2, $3)";
constexpr std::string_view customer_sql = "SELECT name, plan FROM customer WHERE id = $1";
constexpr std::string_view statistics_sql =
    "SELECT (SELECT count(*) FROM customer), (SELECT count(*) FROM reading), pg_database_size(current_database())";

void answer(httplib::Response& response, int status, const std::string& body) {
  response.status = status;
  response.set_content(body, json_type);
}

void answer_error(httplib::Response& response, int status, std::string_view reason) {
  answer(response, status, JsonWriter().begin_object().member("Error", reason).end_object().take());
}

// W3C Trace Context: only hexadecimal digits and dashes, so that it cannot end the comment it goes into.
std::string with_trace(std::string_view sql, const httplib::Request& request) {
  const std::string trace = request.get_header_value("traceparent");
  const bool is_plain = trace.size() == 55 && trace.find_first_not_of("0123456789abcdef-") == std::string::npos;
  return is_plain ? fmt::format("{} /*traceparent='{}'*/", sql, trace) : std::string(sql);
}

struct Reading {
  std::string customer;
  std::string device;
  std::string value;
};

bool is_guid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::string_view("0123456789abcdef").find(text[i]) == std::string_view::npos)
      return false;
  }
  return true;
}

std::optional<Reading> read_reading(const std::string& body) {
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(body, error);
  if (error || !value.is_object()) return std::nullopt;
  const boost::json::object& object = value.get_object();
  const boost::json::value* customer = object.if_contains("Customer");
  const boost::json::value* device = object.if_contains("Device");
  const boost::json::value* measured = object.if_contains("Value");
  if (!customer || !customer->is_int64() || !device || !device->is_string() || !measured || !measured->is_number())
    return std::nullopt;
  const std::int64_t id = customer->get_int64();
  if (id < 0 || id > 999'999'999 || !is_guid(device->get_string())) return std::nullopt;
  return Reading{fmt::format("{}", id), std::string(device->get_string()),
                 fmt::format("{}", measured->to_number<double>())};
}

}  // namespace

SampleApi::SampleApi(SampleApiOptions options)
    : options_(std::move(options)), database_(options_.conninfo, options_.database_connections) {}

void SampleApi::install(httplib::Server& server) {
  using httplib::Request;
  using httplib::Response;
  server.set_payload_max_length(body_bytes_max);
  server.set_pre_routing_handler([this](const Request& request, Response& response) {
    const bool answers_always =
        request.path == "/health" || request.path == "/test" || request.path.starts_with("/admin/");
    if (!maintenance_ || answers_always) return httplib::Server::HandlerResponse::Unhandled;
    answer(response, 503, R"({"MaintenanceMode":true})");
    return httplib::Server::HandlerResponse::Handled;
  });
  server.Get(R"(/customers/(0|[1-9]\d{0,8})/devices/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/readings/newest)",
             [this](const Request& request, Response& response) { newest_reading(request, response); });
  server.Get(R"(/customers/(0|[1-9]\d{0,8}))",
             [this](const Request& request, Response& response) { customer(request, response); });
  server.Post("/readings", [this](const Request& request, Response& response) { insert_reading(request, response); });
  server.Get("/health", [this](const Request&, Response& response) { health(response); });
  server.Get("/test", [this](const Request&, Response& response) { test(response); });
  server.Get("/admin/statistics", [this](const Request&, Response& response) { statistics(response); });
  server.Put("/admin/maintenance",
             [this](const Request& request, Response& response) { set_maintenance(request, response); });
}

void SampleApi::newest_reading(const httplib::Request& request, httplib::Response& response) {
  const std::string customer = request.matches[1];
  const std::string device = request.matches[2];
  const Result<QueryRows> rows = database_.query(with_trace(newest_sql, request), {customer, device});
  if (!rows) return answer_error(response, 500, rows.error().message);
  if (rows->empty()) return answer_error(response, 404, "this device has no reading");
  JsonWriter json;
  json.begin_object().key("Customer").raw(customer).member("Device", device).key("Value").raw(rows->front().front());
  answer(response, 200, json.end_object().take());
}

void SampleApi::insert_reading(const httplib::Request& request, httplib::Response& response) {
  const std::optional<Reading> reading = read_reading(request.body);
  if (!reading)
    return answer_error(response, 400, "wanted: {\"Customer\": 17, \"Device\": \"<GUID>\", \"Value\": 1.5}");
  const Result<QueryRows> done =
      database_.query(with_trace(insert_sql, request), {reading->customer, reading->device, reading->value});
  if (!done) return answer_error(response, 500, done.error().message);
  JsonWriter json;
  json.begin_object().key("Customer").raw(reading->customer).member("Device", reading->device);
  answer(response, 201, json.key("Value").raw(reading->value).end_object().take());
}

void SampleApi::customer(const httplib::Request& request, httplib::Response& response) {
  const std::string id = request.matches[1];
  const Result<QueryRows> rows = database_.query(with_trace(customer_sql, request), {id});
  if (!rows) return answer_error(response, 500, rows.error().message);
  if (rows->empty()) return answer_error(response, 404, "no such customer");
  JsonWriter json;
  json.begin_object().key("Customer").raw(id).member("Name", rows->front()[0]).member("Plan", rows->front()[1]);
  answer(response, 200, json.end_object().take());
}

bool SampleApi::is_connected() { return database_.query("SELECT 1", {}).has_value(); }

void SampleApi::health(httplib::Response& response) {
  HealthReport report;
  report.build_version = options_.build_version;
  report.build_timestamp = options_.build_timestamp;
  report.database_connectivity = is_connected();
  report.maintenance_mode = maintenance_;
  report.healthy = report.database_connectivity;
  report.reason = report.healthy ? "" : "the database does not answer";
  answer(response, report.healthy ? 200 : 503, health_json(report));
}

void SampleApi::test(httplib::Response& response) {
  HealthReport report;
  report.build_version = options_.build_version;
  report.build_timestamp = options_.build_timestamp;
  report.maintenance_mode = maintenance_;
  std::vector<TestResult> tests;
  const auto run = [&](std::string name, std::string description, std::string endpoint, std::string_view sql) {
    const Result<QueryRows> rows = database_.query(std::string(sql), {});
    tests.push_back({std::move(name), std::move(description), std::move(endpoint), rows && !rows->empty(),
                     rows ? (rows->empty() ? "no row" : "") : rows.error().message});
    if (!rows) report.database_connectivity = false;
  };
  run("QueryCustomer", "A test which returns one customer.", "/customers/1",
      "SELECT name FROM customer ORDER BY id LIMIT 1");
  run("QueryReading", "A test which returns one reading.", "/customers/1/devices/{D}/readings/newest",
      "SELECT value FROM reading LIMIT 1");
  report.healthy = report.database_connectivity;
  answer(response, report.healthy && !report.maintenance_mode ? 200 : 503, test_json(report, tests));
}

void SampleApi::statistics(httplib::Response& response) {
  const Result<QueryRows> rows = database_.query(std::string(statistics_sql), {});
  if (!rows) return answer_error(response, 503, rows.error().message);
  JsonWriter json;
  json.begin_object().key("Customers").raw(rows->front()[0]).key("Readings").raw(rows->front()[1]);
  answer(response, 200, json.key("DatabaseBytes").raw(rows->front()[2]).end_object().take());
}

void SampleApi::set_maintenance(const httplib::Request& request, httplib::Response& response) {
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(request.body, error);
  const boost::json::value* mode =
      !error && value.is_object() ? value.get_object().if_contains("MaintenanceMode") : nullptr;
  if (!mode || !mode->is_bool()) return answer_error(response, 400, "wanted: {\"MaintenanceMode\": true or false}");
  maintenance_ = mode->get_bool();
  answer(response, 200, request.body);
}

}  // namespace understudy
