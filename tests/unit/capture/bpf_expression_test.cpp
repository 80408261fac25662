#include "agent/capture/bpf_expression.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "agent/capture/filter_program.hpp"
#include "agent/capture/link_type.hpp"
#include "tests/support/packet_builder.hpp"

namespace understudy {
namespace {

TcpPacket segment(std::string_view from, std::string_view to) {
  TcpPacket packet;
  packet.source = endpoint(from);
  packet.destination = endpoint(to);
  packet.payload = std::string(100, 'x');
  return packet;
}

// A link layer around an IP packet.
struct Link {
  const char* name;
  LinkType link_type;
  std::function<Bytes(const Bytes&)> around;
};

Bytes behind(const char* v4_header, const char* v6_header, const Bytes& ip) {
  return concatenate(from_hex(ip.at(0) >> 4 == 6 ? v6_header : v4_header), ip);
}

// IPv6 as captures on this system have it, and as libpcap looks for it: AF_INET6; but on Windows it is Npcap that
// writes it, as BSD's 24 and not as Windows' own 23 (gencode.c of libpcap).
#ifdef _WIN32
constexpr const char* null_v6 = "18000000";
#else
constexpr const char* null_v6 = "0a000000";
#endif

const Link links[] = {
    {"ethernet", 1, [](const Bytes& ip) { return ethernet_frame(ip); }},
    {"vlan", 1, [](const Bytes& ip) { return ethernet_frame(ip, {.vlans = {7}, .minimum_size = 0}); }},
    {"qinq", 1,
     [](const Bytes& ip) {
       return ethernet_frame(ip, {.vlans = {7, 8}, .minimum_size = 0});
     }},
    {"cooked", 113,
     [](const Bytes& ip) {
       return behind("0000 0001 0006 020000000001 0000 0800", "0000 0001 0006 020000000001 0000 86dd", ip);
     }},
    {"cooked_vlan", 113,
     [](const Bytes& ip) {
       return behind("0000 0001 0006 020000000001 0000 8100 0007 0800",
                     "0000 0001 0006 020000000001 0000 8100 0007 86dd", ip);
     }},
    {"cooked_v2", 276,
     [](const Bytes& ip) {
       return behind("0800 0000 00000002 0001 00 06 020000000001 0000",
                     "86dd 0000 00000002 0001 00 06 020000000001 0000", ip);
     }},
    {"raw", 101, [](const Bytes& ip) { return ip; }},
    {"null", 0, [](const Bytes& ip) { return behind("02000000", null_v6, ip); }},
};

class BpfExpression : public testing::TestWithParam<Link> {
 protected:
  void compile(const PacketFilter& filter) {
    auto compiled = FilterProgram::compile(GetParam().link_type, filter);
    ASSERT_TRUE(compiled) << compiled.error().message;
    program = *std::move(compiled);
    constexpr std::size_t instructions_of_kernel = 4096;  // BPF_MAXINSNS
    EXPECT_LT(program->instructions(), instructions_of_kernel);
  }
  [[nodiscard]] bool passes(const Bytes& ip) const {
    const CapturedPacket packet{GetParam().around(ip), test_epoch(), 0, GetParam().link_type};
    return program->matches(packet.view());
  }
  std::optional<FilterProgram> program;
};

TEST_P(BpfExpression, FindsThePortsInEitherDirection) {
  PacketFilter filter;
  filter.ports = {80, 8081, 8080, 8082};
  compile(filter);
  for (const char* port : {"80", "8080", "8081", "8082"}) {
    const std::string server = std::string("10.0.0.2:") + port;
    EXPECT_TRUE(passes(ip_packet(segment("10.0.0.1:40000", server))));
    EXPECT_TRUE(passes(ip_packet(segment(server, "10.0.0.1:40000"))));
    EXPECT_TRUE(passes(ip_packet(segment(std::string("[2001:db8::2]:") + port, "[2001:db8::1]:40000"))));
  }
  if (std::string_view(GetParam().name) != "cooked_vlan") {  // lets all tagged frames pass
    EXPECT_FALSE(passes(ip_packet(segment("10.0.0.1:40000", "10.0.0.2:81"))));
    EXPECT_FALSE(passes(ip_packet(segment("[2001:db8::1]:40000", "[2001:db8::2]:8083"))));
    EXPECT_FALSE(passes(ip_packet(endpoint("10.0.0.1:0").address, endpoint("10.0.0.2:0").address, 17,
                                  udp_datagram(endpoint("10.0.0.1:5"), endpoint("10.0.0.2:80"), Bytes(8)))));
  }
}

TEST_P(BpfExpression, LosesNoFragment) {
  PacketFilter filter;
  filter.ports = {80};
  compile(filter);
  for (const TcpPacket& packet :
       {segment("10.0.0.1:40000", "10.0.0.2:80"), segment("[2001:db8::1]:40000", "[2001:db8::2]:80")}) {
    for (const Bytes& fragment : ip_fragments(ip_packet(packet), 48, 9)) {
      EXPECT_TRUE(passes(fragment));
    }
  }
}

TEST_P(BpfExpression, LetsExtensionHeadersPass) {
  PacketFilter filter;
  filter.ports = {80};
  compile(filter);
  const TcpPacket packet = segment("[2001:db8::1]:40000", "[2001:db8::2]:80");
  for (const std::uint8_t header : {std::uint8_t{0}, std::uint8_t{43}, std::uint8_t{60}}) {
    EXPECT_TRUE(passes(ip_packet(packet.source.address, packet.destination.address, header,
                                 concatenate(from_hex("0600000000000000"), tcp_header_and_payload(packet)))));
  }
}

TEST_P(BpfExpression, OnlyTheAddressesAskedFor) {
  PacketFilter filter;
  filter.ports = {80};
  filter.addresses = {*IpRange::parse("10.0.0.2"), *IpRange::parse("192.0.2.0/24"), *IpRange::parse("2001:db8::2"),
                      *IpRange::parse("2001:db8:1::/48")};
  compile(filter);
  EXPECT_TRUE(passes(ip_packet(segment("10.0.0.1:40000", "10.0.0.2:80"))));
  EXPECT_TRUE(passes(ip_packet(segment("192.0.2.99:80", "10.0.0.1:40000"))));
  EXPECT_TRUE(passes(ip_packet(segment("[2001:db8::1]:40000", "[2001:db8::2]:80"))));
  EXPECT_TRUE(passes(ip_packet(segment("[2001:db8:1::1]:40000", "[2001:db8::9]:80"))));
  if (std::string_view(GetParam().name) != "cooked_vlan") {
    EXPECT_FALSE(passes(ip_packet(segment("10.0.0.1:40000", "10.0.0.3:80"))));
    EXPECT_FALSE(passes(ip_packet(segment("[2001:db8::1]:40000", "[2001:db8::3]:80"))));
  }
}

TEST_P(BpfExpression, TunnelsOnlyWhenAskedFor) {
  const IpAddress a = endpoint("192.0.2.1:0").address;
  const IpAddress b = endpoint("192.0.2.2:0").address;
  const Bytes inner = ip_packet(segment("10.0.0.1:40000", "10.0.0.2:80"));
  std::vector<Bytes> tunnels = {ip_packet(a, b, 47, concatenate(from_hex("00000800"), inner)),
                                ip_packet(a, b, 4, inner), ip_packet(a, b, 41, inner)};
  for (const std::uint16_t port : {std::uint16_t{4789}, std::uint16_t{6081}}) {
    tunnels.push_back(ip_packet(a, b, 17, udp_datagram({a, 5}, {b, port}, inner)));
  }
  tunnels.push_back(ip_fragments(tunnels.back(), 64, 1).back());
  PacketFilter filter;
  filter.ports = {80};
  for (const bool asked : {true, false}) {
    filter.tunnels = asked;
    compile(filter);
    for (const Bytes& tunnel : tunnels) {
      EXPECT_TRUE(passes(tunnel) == asked || std::string_view(GetParam().name) == "cooked_vlan");
    }
  }
}

TEST_P(BpfExpression, AHundredScatteredPortsFitIntoTheKernel) {
  PacketFilter filter;
  for (std::uint16_t port = 1000; port < 1200; port = static_cast<std::uint16_t>(port + 2)) {
    filter.ports.push_back(port);
  }
  filter.tunnels = true;
  compile(filter);
  EXPECT_TRUE(passes(ip_packet(segment("10.0.0.1:40000", "10.0.0.2:1198"))));
}

TEST_P(BpfExpression, AllTcpWithoutPorts) {
  compile({});
  EXPECT_TRUE(passes(ip_packet(segment("10.0.0.1:1", "10.0.0.2:2"))));
  EXPECT_TRUE(passes(ip_packet(segment("[2001:db8::1]:1", "[2001:db8::2]:2"))));
}

TEST_P(BpfExpression, TheUsersExpressionMustMatchToo) {
  PacketFilter filter;
  filter.ports = {80};
  filter.expression = "len > 300";
  compile(filter);
  TcpPacket packet = segment("10.0.0.1:40000", "10.0.0.2:80");
  EXPECT_FALSE(passes(ip_packet(packet)));
  packet.payload = std::string(400, 'x');
  EXPECT_TRUE(passes(ip_packet(packet)));
  packet.destination.port = 81;
  EXPECT_TRUE(!passes(ip_packet(packet)) || std::string_view(GetParam().name) == "cooked_vlan");
}

INSTANTIATE_TEST_SUITE_P(Links, BpfExpression, testing::ValuesIn(links),
                         [](const testing::TestParamInfo<Link>& one) { return one.param.name; });

TEST(FilterProgram, WordsThatMoveOffsetsStayWithinTheUsersExpression) {
  PacketFilter filter;
  filter.ports = {80};
  filter.expression = "vlan 7 and host 10.0.0.2";
  const auto program = FilterProgram::compile(link_type::ethernet, filter);
  ASSERT_TRUE(program);
  const auto passes = [&](std::string_view to, std::uint16_t vlan) {
    const CapturedPacket packet{
        ethernet_frame(ip_packet(segment("10.0.0.1:40000", to)), {.vlans = {vlan}, .minimum_size = 0}), test_epoch(), 0,
        1};
    return program->matches(packet.view());
  };
  EXPECT_TRUE(passes("10.0.0.2:80", 7));
  EXPECT_FALSE(passes("10.0.0.2:80", 8));
  EXPECT_FALSE(passes("10.0.0.3:80", 7));
  EXPECT_FALSE(passes("10.0.0.2:81", 7));
}

TEST(FilterProgram, NamesABadExpression) {
  PacketFilter filter;
  filter.expression = "tcp prot 80";
  const auto program = FilterProgram::compile(link_type::ethernet, filter);
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error().code, ExitCode::bad_filter);
  EXPECT_NE(program.error().message.find("'tcp prot 80'"), std::string::npos);
}

}  // namespace
}  // namespace understudy
