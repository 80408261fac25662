#include "tests/support/servers/squid_fixture.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace understudy {

SquidFixture::SquidFixture(const SquidOptions& options) : port_(unused_port()) {
  std::string access;
  if (options.forbidden_port != 0) {
    access += fmt::format("acl forbidden port {}\nhttp_access deny forbidden\n", options.forbidden_port);
  }
  if (!options.user.empty()) {
    const std::string command =
        fmt::format("htpasswd -bc {} {} {} 2>/dev/null", folder_.path("users"), options.user, options.password);
    if (std::system(command.c_str()) != 0) throw std::runtime_error("htpasswd failed");
    access += fmt::format(
        "auth_param basic program /usr/lib/squid/basic_ncsa_auth {}\nauth_param basic children 1 startup=1\n"
        "acl known proxy_auth REQUIRED\nhttp_access deny !known\n",
        folder_.path("users"));
  }
  folder_.write("squid.conf",
                fmt::format(R"(
http_port 127.0.0.1:{0}
pid_filename none
cache_log {1}
access_log stdio:{2}
logfile_rotate 0
cache deny all
memory_pools off
pinger_enable off
shutdown_lifetime 0 seconds
coredump_dir {3}
dns_nameservers 127.0.0.1
visible_hostname squid.test
{4}http_access allow all
)",
                            port_, folder_.path("cache.log"), folder_.path("access.log"), folder_.path(""), access));
  // The service name keeps this instance's shared memory apart from others'.
  process_.emplace(
      std::vector<std::string>{"squid", "-N", "-n", fmt::format("test{}", port_), "-f", folder_.path("squid.conf")},
      folder_.path("output"));
  if (!eventually([this] { return accepts_connections(port_) || !process_->is_running(); }) ||
      !process_->is_running()) {
    throw std::runtime_error("squid does not start: " + folder_.read("output") + folder_.read("cache.log"));
  }
}

}  // namespace understudy
