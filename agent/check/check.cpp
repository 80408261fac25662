#include "agent/check/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "agent/check/engine_checks.hpp"
#include "agent/check/host_checks.hpp"
#include "agent/check/target_checks.hpp"
#include "agent/check/traffic_check.hpp"

namespace understudy {
namespace {

void append(CheckReport& report, std::vector<CheckItem> items) {
  std::move(items.begin(), items.end(), std::back_inserter(report.items));
}

void add_host_checks(CheckReport& report, const CheckRequest& request,
                     const Result<std::vector<Interface>>& interfaces) {
  report.items.push_back(check_interfaces(interfaces, request.capture.interfaces));
  report.items.push_back(check_sockets(request.ports));
  if (!interfaces) return;
  report.items.push_back(
      check_offload(captured_interfaces(*interfaces, request.capture.interfaces), request.capture.snap_length));
}

}  // namespace

CheckReport run_checks(const CheckRequest& request) {
  CheckReport report;
  report.items.push_back(check_permission());
  const bool may_capture = report.would_work();
  append(report, check_engines(engine_kinds(), request.engine));
  const Result<std::vector<Interface>> interfaces =
      list_interfaces(may_capture ? ProbeLinkType::yes : ProbeLinkType::no);
  add_host_checks(report, request, interfaces);
  if (report.would_work()) {
    report.items.push_back(check_traffic(request, *interfaces));
  } else {
    CheckItem item;
    item.name = "packets";
    item.status = CheckStatus::skipped;
    item.found = "not looked for, because of what failed above";
    report.items.push_back(std::move(item));
  }
  for (const CheckRequest::Route& route : request.routes) {
    append(report, check_target(request, route));
  }
  return report;
}

CheckReport run_quick_checks(const CheckRequest& request) {
  CheckReport report;
  report.items.push_back(check_permission());
  add_host_checks(report, request, list_interfaces(ProbeLinkType::no));
  return report;
}

}  // namespace understudy
