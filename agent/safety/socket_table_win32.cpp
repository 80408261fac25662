#include <winsock2.h>

#include <ws2tcpip.h>

#include <fmt/format.h>
#include <iphlpapi.h>

#include <algorithm>
#include <vector>

#include "agent/safety/socket_table.hpp"
#include "traffic/base/system_error.hpp"

namespace understudy {
namespace {

constexpr std::size_t table_bytes_max = std::size_t{16} << 20;
constexpr int attempts_max = 5;  // the table may grow between two calls

// The whole table of one family, as GetExtendedTcpTable() lays it out. Empty, with the error, where it cannot be had.
std::vector<char> read_table(ULONG family, DWORD& error, bool& complete) {
  std::vector<char> table;
  DWORD size = 0;
  error = ERROR_INSUFFICIENT_BUFFER;
  for (int i = 0; i < attempts_max && error == ERROR_INSUFFICIENT_BUFFER; ++i) {
    if (size > table_bytes_max) {
      complete = false;
      return {};
    }
    table.resize(size);
    error =
        ::GetExtendedTcpTable(table.empty() ? nullptr : table.data(), &size, FALSE, family, TCP_TABLE_OWNER_PID_ALL, 0);
  }
  if (error != NO_ERROR) table.clear();
  return table;
}

// Ports are in the order of the network, in the lower half of a word.
std::uint16_t port_of(DWORD port) { return ntohs(static_cast<std::uint16_t>(port)); }

IpAddress local_address(const MIB_TCPROW_OWNER_PID& row) {
  return IpAddress::v4(reinterpret_cast<const std::uint8_t*>(&row.dwLocalAddr));
}

IpAddress local_address(const MIB_TCP6ROW_OWNER_PID& row) { return IpAddress::v6(row.ucLocalAddr); }

template <typename Table>
void add(const std::vector<char>& bytes, std::span<const std::uint16_t> ports, PortSockets& result) {
  if (bytes.empty()) return;
  const auto& table = *reinterpret_cast<const Table*>(bytes.data());
  for (const auto& row : std::span(table.table, table.dwNumEntries)) {
    if (std::find(ports.begin(), ports.end(), port_of(row.dwLocalPort)) == ports.end()) continue;
    if (row.dwState == MIB_TCP_STATE_ESTAB) ++result.established;
    if (row.dwState == MIB_TCP_STATE_LISTEN) result.listening.push_back(local_address(row));
  }
}

}  // namespace

Result<PortSockets> read_port_sockets(std::span<const std::uint16_t> ports) {
  PortSockets result;
  DWORD error = NO_ERROR;
  const std::vector<char> v4 = read_table(AF_INET, error, result.complete);
  if (error != NO_ERROR && error != ERROR_INSUFFICIENT_BUFFER) {
    return fail(ExitCode::permission, fmt::format("cannot read the table of TCP connections: {}",
                                                  SystemError{static_cast<int>(error)}.text()));
  }
  add<MIB_TCPTABLE_OWNER_PID>(v4, ports, result);
  add<MIB_TCP6TABLE_OWNER_PID>(read_table(AF_INET6, error, result.complete), ports, result);  // not there without IPv6
  return result;
}

}  // namespace understudy
