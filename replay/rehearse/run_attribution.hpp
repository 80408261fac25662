// Which routes caused which query classes in one run, from the server's log.
//
// Thread safety: one thread.
#pragma once

#include <vector>

#include "replay/database/query_log.hpp"
#include "replay/database/route_attribution.hpp"
#include "replay/rehearse/plan.hpp"
#include "replay/rehearse/ports.hpp"
#include "replay/rehearse/run_record.hpp"

namespace understudy {

class RunAttribution {
 public:
  // The requests of the run.
  RunAttribution(const std::vector<PlayedRequest>& requests, const TracePlan& trace);

  void take(const LoggedStatement& statement);
  // Gives each class of the record the routes that caused it: by the trace in its comments where statements have one,
  // else by time, and the record says which.
  void set_routes(RecordedDatabase& record) const;

 private:
  RouteAttributor attributor_;
};

}  // namespace understudy
