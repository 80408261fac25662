// The kernel's list of TCP sockets: who listens on a port, and how many connections it has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "traffic/base/endpoint.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

struct PortSockets {
  std::vector<IpAddress> listening;  // addresses that are listened on; all zeroes is any
  std::size_t established = 0;       // connections with the port on this side
  bool complete = true;              // false: the table was longer than what was read of it
};

// Adds up one table in the format of /proc/net/tcp and /proc/net/tcp6 (proc(5)). Lines that make no sense are skipped.
// Linux only.
void add_socket_table(std::string_view table, std::span<const std::uint16_t> ports, PortSockets& result);

// Reads both tables (on Linux of this network namespace, on Windows of the host), at most 16 MiB of each (about 100,000
// sockets): on a busy host that takes tens of milliseconds of CPU, so it is for start-up and for when something is
// wrong. Errors: ExitCode::permission.
[[nodiscard]] Result<PortSockets> read_port_sockets(std::span<const std::uint16_t> ports);

}  // namespace understudy
