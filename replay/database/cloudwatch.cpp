#include "replay/database/cloudwatch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <map>

#include "replay/compare/json_document.hpp"
#include "replay/environment/http_client.hpp"
#include "replay/store/sigv4.hpp"
#include "traffic/base/json_text.hpp"
#include "traffic/base/time_text.hpp"
#include "traffic/net/proxy_settings.hpp"

namespace understudy {
namespace {

constexpr std::int64_t period_seconds = 60;
constexpr std::size_t pages_max = 20;
constexpr std::size_t points_max = 20'000;  // two weeks

struct Metric {
  std::string_view id;  // of the query; CloudWatch wants a lower-case letter first
  std::string_view name;
  std::optional<double> CloudWatchPoint::*field;
};
constexpr std::array<Metric, 5> metrics{{{"read_iops", "ReadIOPS", &CloudWatchPoint::read_iops},
                                         {"write_iops", "WriteIOPS", &CloudWatchPoint::write_iops},
                                         {"read_bytes", "ReadThroughput", &CloudWatchPoint::read_bytes},
                                         {"write_bytes", "WriteThroughput", &CloudWatchPoint::write_bytes},
                                         {"burst_balance", "BurstBalance", &CloudWatchPoint::burst_balance}}};

constexpr std::string_view content_type = "application/x-amz-json-1.0";
constexpr std::string_view operation = "GraniteServiceVersion20100801.GetMetricData";

std::int64_t epoch_seconds(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::string request_body(const CloudWatchOptions& options, WallTime from, WallTime until, const std::string& token) {
  JsonWriter json;
  json.begin_object().key("MetricDataQueries").begin_array();
  for (const Metric& metric : metrics) {
    json.begin_object().member("Id", metric.id).key("MetricStat").begin_object();
    json.member("Period", period_seconds).member("Stat", "Average").key("Metric").begin_object();
    json.member("Namespace", "AWS/RDS").member("MetricName", metric.name).key("Dimensions").begin_array();
    json.begin_object().member("Name", "DBInstanceIdentifier").member("Value", std::string_view(options.instance));
    json.end_object().end_array().end_object().end_object().end_object();
  }
  json.end_array();
  // Whole minutes around the run.
  json.member("StartTime", epoch_seconds(from) / period_seconds * period_seconds);
  json.member("EndTime", (epoch_seconds(until) / period_seconds + 1) * period_seconds);
  json.member("ScanBy", "TimestampAscending");
  if (!token.empty()) json.member("NextToken", std::string_view(token));
  json.end_object();
  return json.take();
}

std::optional<WallTime> read_timestamp(const boost::json::value& value) {
  if (value.is_string()) return parse_rfc3339(value.get_string());
  if (!value.is_number()) return std::nullopt;
  const double seconds = value.to_number<double>();
  if (!std::isfinite(seconds) || seconds < 0 || seconds > 7e9) return std::nullopt;
  return WallTime(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

const boost::json::array* array_of(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  return value != nullptr ? value->if_array() : nullptr;
}

std::string string_of(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

void take_result(const boost::json::object& result, std::map<WallTime, CloudWatchPoint>& points) {
  const std::string id = string_of(result, "Id");
  const auto metric = std::ranges::find(metrics, std::string_view(id), &Metric::id);
  const boost::json::array* times = array_of(result, "Timestamps");
  const boost::json::array* values = array_of(result, "Values");
  if (metric == metrics.end() || times == nullptr || values == nullptr) return;
  for (std::size_t i = 0; i < std::min(times->size(), values->size()); ++i) {
    const auto time = read_timestamp((*times)[i]);
    if (!time || !(*values)[i].is_number() || points.size() >= points_max) continue;
    CloudWatchPoint& point = points[*time];
    point.time = *time;
    point.*(metric->field) = (*values)[i].to_number<double>();
  }
}

// The call, signed for this moment.
Result<HttpAnswer> ask(const CloudWatchOptions& options, const HttpClientOptions& http,
                       const AwsCredentials& credentials, const std::string& body, WallTime now) {
  SigV4Request request;
  request.method = "POST";
  request.path = http.target.base_path.empty() ? "/" : http.target.base_path + "/";
  request.headers = {{"Host", http.target.host_field()},
                     {"Content-Type", std::string(content_type)},
                     {"X-Amz-Target", std::string(operation)}};
  request.payload_hash = sha256_hex(body);
  sign_sigv4(request, {options.region, "monitoring", true}, credentials, now);
  HttpClientOptions signed_http = http;
  signed_http.headers = request.headers;
  return HttpClient(std::move(signed_http)).send({.method = "POST", .path = "/", .body = body});
}

// {"__type": "com.amazonaws...#AccessDenied", "message": "..."}
Error refusal(const HttpAnswer& answer) {
  JsonArena arena;
  const boost::json::value* value = arena.parse(answer.body);
  const boost::json::object* object = value != nullptr ? value->if_object() : nullptr;
  std::string type = object != nullptr ? string_of(*object, "__type") : std::string();
  std::string message = object != nullptr ? string_of(*object, "message") : std::string();
  if (message.empty() && object != nullptr) message = string_of(*object, "Message");
  type.erase(0, type.find('#') == std::string::npos ? 0 : type.find('#') + 1);
  std::string shown;
  append_printable(shown, fmt::format("{} {}", type, message).substr(0, 300));
  const bool is_denied = answer.status == 401 || answer.status == 403 ||
                         type.find("AccessDenied") != std::string::npos || type.find("Token") != std::string::npos;
  return {is_denied ? ExitCode::permission : ExitCode::database_unfit,
          fmt::format("CloudWatch refused GetMetricData with status {}: {}{}", answer.status, shown,
                      is_denied ? "; it wants cloudwatch:GetMetricData" : "")};
}

}  // namespace

Result<CloudWatchPage> read_cloudwatch_answer(std::string_view body, std::map<WallTime, CloudWatchPoint>& points) {
  JsonArena arena;
  const boost::json::value* value = arena.parse(body);
  const boost::json::object* object = value != nullptr ? value->if_object() : nullptr;
  const boost::json::array* results = object != nullptr ? array_of(*object, "MetricDataResults") : nullptr;
  if (results == nullptr) {
    return fail(ExitCode::database_unfit, "CloudWatch answered with something that is not GetMetricData's JSON");
  }
  for (const boost::json::value& result : *results) {
    if (result.is_object()) take_result(result.get_object(), points);
  }
  return CloudWatchPage{string_of(*object, "NextToken")};
}

Result<std::vector<CloudWatchPoint>> fetch_cloudwatch(const CloudWatchOptions& options,
                                                      const AwsCredentials& credentials, WallTime from, WallTime until,
                                                      const Clock& clock) {
  auto target = parse_target(
      options.endpoint.empty() ? fmt::format("https://monitoring.{}.amazonaws.com", options.region) : options.endpoint);
  if (!target) return tl::unexpected(target.error());
  auto proxy = choose_proxy(*target, "", read_process_environment);
  if (!proxy) return tl::unexpected(proxy.error());
  HttpClientOptions http;
  http.target = std::move(*target);
  http.proxy = std::move(*proxy);
  std::map<WallTime, CloudWatchPoint> points;
  std::string token;
  for (std::size_t page = 0; page < pages_max; ++page) {
    auto answer = ask(options, http, credentials, request_body(options, from, until, token), clock.wall_now());
    if (!answer) return tl::unexpected(answer.error());
    if (answer->status != 200) return tl::unexpected(refusal(*answer));
    auto read = read_cloudwatch_answer(answer->body, points);
    if (!read) return tl::unexpected(read.error());
    token = std::move(read->next_token);
    if (token.empty()) break;
  }
  std::vector<CloudWatchPoint> list;
  for (const auto& [time, point] : points) list.push_back(point);
  return list;
}

}  // namespace understudy
