#include "agent/middleware_status.hpp"

#include <string_view>

namespace understudy {
namespace {

struct NamedMember {
  std::string_view name;
  std::uint64_t MiddlewareCounts::*value;
};

// What became of messages.
constexpr NamedMember results[] = {{"returned", &MiddlewareCounts::returned},
                                   {"omitted", &MiddlewareCounts::omitted},
                                   {"unjudged", &MiddlewareCounts::unjudged},
                                   {"refused", &MiddlewareCounts::refused},
                                   {"shown", &MiddlewareCounts::shown}};
// Lines of the child that were not used.
constexpr NamedMember problems[] = {{"unknown", &MiddlewareCounts::unknown},
                                    {"unreadable", &MiddlewareCounts::unreadable}};

}  // namespace

void write_middleware_json(JsonWriter& json, const std::vector<MiddlewareStatus>& middleware) {
  json.key("middleware").begin_array();
  for (const MiddlewareStatus& one : middleware) {
    json.begin_object().member("shadow", one.shadow).member("running", one.counts.running);
    json.member("restarts", one.counts.restarts).member("submitted", one.counts.submitted);
    for (const NamedMember& result : results) json.member(result.name, one.counts.*result.value);
    for (const NamedMember& problem : problems) json.member(problem.name, one.counts.*problem.value);
    json.end_object();
  }
  json.end_array();
}

void write_middleware_metrics(MetricsText& text, const std::vector<MiddlewareStatus>& middleware) {
  if (middleware.empty()) return;
  text.family("understudy_middleware_running", MetricType::gauge, "1 while the middleware's process runs.");
  for (const auto& one : middleware) text.sample({{"output", one.shadow}}, std::uint64_t{one.counts.running});
  text.family("understudy_middleware_restarts_total", MetricType::counter,
              "How often the middleware ended and was started again.");
  for (const auto& one : middleware) text.sample({{"output", one.shadow}}, one.counts.restarts);
  text.family("understudy_middleware_messages_total", MetricType::counter,
              "Messages for the middleware, by what became of them.");
  for (const auto& one : middleware) {
    for (const NamedMember& result : results) {
      text.sample({{"output", one.shadow}, {"result", result.name}}, one.counts.*result.value);
    }
  }
  text.family("understudy_middleware_bad_lines_total", MetricType::counter,
              "Lines of the middleware that were not used, by reason.");
  for (const auto& one : middleware) {
    for (const NamedMember& problem : problems) {
      text.sample({{"output", one.shadow}, {"reason", problem.name}}, one.counts.*problem.value);
    }
  }
}

}  // namespace understudy
