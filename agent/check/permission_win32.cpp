#include "agent/check/host_checks.hpp"
#include "agent/safety/privileges.hpp"

namespace understudy {

// No failure: Npcap lets everybody capture unless it was installed for administrators only. The engines' own checks
// tell what is missing.
CheckItem check_permission() {
  CheckItem item;
  item.name = "permission";
  if (has_capture_capability()) {
    item.found = "runs with administrator rights";
    return item;
  }
  item.status = CheckStatus::warning;
  item.found = "runs without administrator rights, which the engines pktmon and raw need, and Npcap may need";
  item.advice = "run it as a service, or from a console that was started as administrator";
  return item;
}

}  // namespace understudy
