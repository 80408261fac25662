#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <system_error>

#include "agent/safety/socket_table.hpp"

namespace understudy {
namespace {

constexpr std::size_t table_bytes_max = std::size_t{16} << 20;
constexpr std::size_t piece_bytes = std::size_t{64} << 10;

// Adds one table, piece by piece, so that a long one is never held in memory. False: it cannot be opened.
bool add_table(const char* path, std::span<const std::uint16_t> ports, PortSockets& result) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path, "re"), &std::fclose);
  if (!file) return false;
  std::string pending;  // the begin of a line whose end was not read yet
  std::string piece(piece_bytes, '\0');
  std::size_t total = 0;
  while (true) {
    const std::size_t got = std::fread(piece.data(), 1, piece.size(), file.get());
    if (got == 0) break;
    total += got;
    pending.append(piece, 0, got);
    const std::size_t end = pending.rfind('\n');
    if (end != std::string::npos) {
      add_socket_table(std::string_view(pending).substr(0, end), ports, result);
      pending.erase(0, end + 1);
    }
    if (total >= table_bytes_max) {
      result.complete = false;
      break;
    }
  }
  return true;
}

}  // namespace

Result<PortSockets> read_port_sockets(std::span<const std::uint16_t> ports) {
  PortSockets result;
  if (!add_table("/proc/self/net/tcp", ports, result)) {
    return fail(ExitCode::permission,
                fmt::format("cannot read /proc/self/net/tcp: {}; mount /proc, or let the agent see it",
                            std::generic_category().message(errno)));
  }
  add_table("/proc/self/net/tcp6", ports, result);  // not there without IPv6
  return result;
}

}  // namespace understudy
