#include <fmt/format.h>

#include "agent/service/service.hpp"
#include "traffic/base/json_text.hpp"

namespace understudy {
namespace {

double milliseconds(Nanoseconds time) { return std::chrono::duration<double, std::milli>(time).count(); }

void append_line(std::string& out, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  out += fmt::format("{:<14}", name);
  append_printable(out, text);
  out += '\n';
}

}  // namespace

std::string_view to_string(ServiceAction action) {
  switch (action) {
    case ServiceAction::install: return "install";
    case ServiceAction::start: return "start";
    case ServiceAction::stop: return "stop";
    case ServiceAction::restart: return "restart";
    case ServiceAction::status: return "status";
    case ServiceAction::uninstall: return "uninstall";
    case ServiceAction::run: return "run";
  }
  return "unknown";
}

Result<ServiceAction> parse_service_action(std::string_view word) {
  for (const auto action : {ServiceAction::install, ServiceAction::start, ServiceAction::stop, ServiceAction::restart,
                            ServiceAction::status, ServiceAction::uninstall, ServiceAction::run}) {
    if (word == to_string(action)) return action;
  }
  return fail(ExitCode::usage,
              fmt::format("'{}' is nothing that can be done with the service; there is install, start, stop, restart, "
                          "status and uninstall",
                          word));
}

const char* to_string(ServiceState state) {
  switch (state) {
    case ServiceState::not_installed: return "not_installed";
    case ServiceState::stopped: return "stopped";
    case ServiceState::starting: return "starting";
    case ServiceState::running: return "running";
    case ServiceState::stopping: return "stopping";
  }
  return "unknown";
}

const char* to_string(ServiceStart start) {
  switch (start) {
    case ServiceStart::automatic: return "automatic";
    case ServiceStart::manual: return "manual";
    case ServiceStart::disabled: return "disabled";
  }
  return "unknown";
}

std::string format_service_report(const ServiceReport& report) {
  std::string out;
  append_printable(out, report.message);
  out += '\n';
  const ServiceStatus& service = report.status;
  if (service.state != ServiceState::not_installed) {
    append_line(out, "service", service.name);
    append_line(out, "state", to_string(service.state));
    append_line(out, "start", to_string(service.start));
    if (service.pid != 0) append_line(out, "process", fmt::format("{}", service.pid));
    append_line(out, "program", service.program);
    append_line(out, "configuration", service.config);
    if (service.ended) append_line(out, "exit code", fmt::format("{}", *service.ended));
    append_line(out, "failure", service.failure);
  }
  if (report.outage > Nanoseconds::zero()) {
    append_line(out, "outage", fmt::format("{:.0f} ms", milliseconds(report.outage)));
  }
  for (const std::string& warning : report.warnings) append_line(out, "warning", warning);
  return out;
}

std::string service_report_json(const ServiceReport& report) {
  JsonWriter json;
  json.begin_object();
  json.member("action", to_string(report.action)).member("code", static_cast<int>(report.code));
  json.member("message", report.message).member("outage_ms", milliseconds(report.outage));
  json.key("warnings").begin_array();
  for (const std::string& warning : report.warnings) json.value(warning);
  json.end_array();
  const ServiceStatus& service = report.status;
  json.key("service").begin_object();
  json.member("name", service.name).member("state", to_string(service.state));
  json.member("start", to_string(service.start)).member("pid", service.pid);
  json.member("program", service.program).member("config", service.config);
  if (service.ended) {
    json.member("exit_code", *service.ended);
  } else {
    json.key("exit_code").null();
  }
  json.member("failure", service.failure).end_object();
  return json.end_object().take();
}

}  // namespace understudy
