// usage: shadow-server --listen ADDRESS:PORT --control ADDRESS:PORT [--mode MODE] [--delay-ms N]
//
// Counts every request by the id in its target. Ask the control port:
//   /stats?first=0&expect=N   what arrived, how often, what is missing
//   /mode?name=slow&delay_ms=1000, /mode?name=normal&status=503, ...
//   /heads, /times?file=PATH, /clear
// Prints "ready" on a line of its own when it listens, and its counts when SIGTERM or SIGINT ends it.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/support/tools/shadow_server.hpp"

namespace {

volatile int stop = 0;

void on_signal(int /*signal*/) { stop = 1; }

}  // namespace

int main(int argc, char** argv) {
  using namespace understudy::tools;
  std::string listen = "127.0.0.1:8081";
  std::string control = "127.0.0.1:8181";
  ShadowMode mode = ShadowMode::normal;
  std::uint64_t delay_ms = 1000;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const char* value = argv[i + 1];
    if (name == "--listen") {
      listen = value;
    } else if (name == "--control") {
      control = value;
    } else if (name == "--delay-ms") {
      delay_ms = std::strtoull(value, nullptr, 10);
    } else if (name != "--mode" || !parse_mode(value, mode)) {
      die("not understood: " + std::string(name) + " " + value);
    }
  }
  struct sigaction action {};
  action.sa_handler = on_signal;  // without SA_RESTART, so that epoll_wait returns
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  ShadowServer server(parse_endpoint(listen), parse_endpoint(control));
  server.set_delay_ms(delay_ms);
  server.set_mode(mode);
  std::puts("ready");
  std::fflush(stdout);
  server.run(stop);
  return 0;
}
