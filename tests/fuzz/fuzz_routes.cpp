// Routes from bytes: methods and targets, one a line. Ids stay valid, and the same line keeps its route.
#include <algorithm>
#include <string>
#include <vector>

#include "replay/route/route_table.hpp"
#include "tests/fuzz/input.hpp"
#include "traffic/base/check.hpp"

using namespace understudy;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::string> patterns{"GET /a/*/b", "/c/**", "~^/d[0-9]+"};
  RouteTable routes = RouteTable::compile(patterns).value();
  FuzzInput input(data, size);
  std::string_view text = input.bytes(1024);  // enough lines for several collapses
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string_view target = line.substr(std::min(space + 1, line.size()));
    const std::string_view method = line.substr(0, space);
    const RouteId route = routes.route_of(method, target);
    const RouteId again = routes.route_of(method, target);
    CHECK(route == again && routes.canonical(route) == route && !routes.name(route).empty());
  }
  CHECK(routes.routes().size() <= RouteTable::routes_max + 1);
  return 0;
}
