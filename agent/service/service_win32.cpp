// `understudy-agent service` on Windows.
#include "agent/service/event_log.hpp"
#include "agent/service/service.hpp"
#include "agent/service/service_process.hpp"

namespace understudy {
namespace {

// What changes the service is told in the event log as well: whoever looks there later was not at this console.
void note(const ServiceReport& report) {
  if (report.action == ServiceAction::status) return;
  if (report.code != ExitCode::ok) {
    write_event(EventId::failed, report.message);
  } else if (report.action == ServiceAction::install) {
    write_event(EventId::installed, report.message);
  }
}

}  // namespace

Result<ExitCode> run_service_command(const ServiceOptions& options, const ServiceHooks& hooks) {
  if (options.action == ServiceAction::run) return run_service_process(options, hooks);
  auto manager = open_service_manager();
  if (!manager) return tl::unexpected(manager.error());
  const ServiceReport report = carry_out(**manager, options, hooks);
  note(report);
  return print_service_report(report, options.json);
}

}  // namespace understudy
