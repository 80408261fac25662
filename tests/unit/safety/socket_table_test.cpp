#include "agent/safety/socket_table.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace understudy {
namespace {

constexpr std::uint16_t port_8080[] = {8080};

// Copied from /proc/net/tcp and tcp6 of a little-endian host.
constexpr std::string_view table_v4 =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0000 100 0 0 10 0\n"
    "   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0000 20 4 30 10 "
    "-1\n"
    "   2: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0000 20 4 30 10 "
    "-1\n"
    "   3: 0100007F:1F90 0100007F:C351 06 00000000:00000000 03:00001770 00000000     0        0 0 3 0000\n"
    "   4: 0A00000A:0050 0100000A:C351 01 00000000:00000000 00:00000000 00000000     0        0 4 1 0000\n";
constexpr std::string_view table_v6 =
    "  sl  local_address                         remote_address                        st tx_queue rx_queue\n"
    "   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000\n"
    "   1: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:D431 01 00000000:00000000";

TEST(SocketTable, CountsWhatIsOnThePortOfThisSide) {
  PortSockets result;
  add_socket_table(table_v4, port_8080, result);
  EXPECT_EQ(result.established, 1U);  // not the client's side of it, not TIME_WAIT, not port 80
  ASSERT_EQ(result.listening.size(), 1U);
  EXPECT_EQ(result.listening[0].to_string(), "0.0.0.0");
  add_socket_table(table_v6, port_8080, result);
  EXPECT_EQ(result.established, 2U);
  ASSERT_EQ(result.listening.size(), 2U);
  EXPECT_EQ(result.listening[1].to_string(), "::1");
}

TEST(SocketTable, SeveralPorts) {
  PortSockets result;
  constexpr std::uint16_t ports[] = {80, 8080};
  add_socket_table(table_v4, ports, result);
  EXPECT_EQ(result.established, 2U);
}

TEST(SocketTable, LinesThatMakeNoSenseAreSkipped) {
  PortSockets result;
  add_socket_table(
      "\n\n0: \n1: 0100007F\n2: 0100007F:1F9 x\n3: ZZ00007F:1F90 0:0 01\n4: 0100007F:1F90 0:0 ZZ\n: : : 01", port_8080,
      result);
  EXPECT_EQ(result.established, 0U);
  EXPECT_TRUE(result.listening.empty());
}

TEST(SocketTable, TheKernelsOwnTableShowsARealListener) {
  const int server = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(server, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(server, 4), 0);
  socklen_t length = sizeof address;
  ASSERT_EQ(::getsockname(server, reinterpret_cast<sockaddr*>(&address), &length), 0);
  const int client = ::socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_EQ(::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);

  const std::array<std::uint16_t, 1> ports = {ntohs(address.sin_port)};
  const Result<PortSockets> sockets = read_port_sockets(ports);
  ASSERT_TRUE(sockets) << sockets.error().message;
  EXPECT_TRUE(sockets->complete);
  ASSERT_EQ(sockets->listening.size(), 1U);
  EXPECT_EQ(sockets->listening[0].to_string(), "127.0.0.1");
  EXPECT_EQ(sockets->established, 1U);
  ::close(client);
  ::close(server);
}

}  // namespace
}  // namespace understudy
