// What the middleware's child in front of a shadow has done, in /status and /metrics.
#pragma once

#include <string>
#include <vector>

#include "traffic/base/json_text.hpp"
#include "traffic/middleware/middleware_process.hpp"
#include "traffic/observe/metrics.hpp"

namespace understudy {

struct MiddlewareStatus {
  std::string shadow;  // its name
  MiddlewareCounts counts;
};

// The member "middleware" of an object: an array, empty where there is none.
void write_middleware_json(JsonWriter& json, const std::vector<MiddlewareStatus>& middleware);
void write_middleware_metrics(MetricsText& text, const std::vector<MiddlewareStatus>& middleware);

}  // namespace understudy
