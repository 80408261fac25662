#include "agent/check/host_checks.hpp"
#include "agent/safety/privileges.hpp"

namespace understudy {

CheckItem check_permission() {
  CheckItem item;
  item.name = "permission";
  if (has_capture_capability()) {
    item.found = "packets may be captured (CAP_NET_RAW)";
    return item;
  }
  item.status = CheckStatus::failed;
  item.found = "packets may not be captured: CAP_NET_RAW is missing";
  item.advice = "run as root, or give the program the capability: setcap cap_net_raw=ep <path of understudy-agent>";
  return item;
}

}  // namespace understudy
