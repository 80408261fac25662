#include "agent/check/host_checks.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/check/offload.hpp"
#include "agent/safety/privileges.hpp"

namespace understudy {
namespace {

Interface make(const std::string& name, bool up) {
  Interface interface;
  interface.name = name;
  interface.up = interface.running = up;
  return interface;
}

std::vector<Interface> two_interfaces() {
  Interface any = make("any", true);
  any.any = true;
  Interface eth0 = make("eth0", true);
  eth0.link_type = LinkType{1};
  eth0.addresses.push_back(*IpAddress::parse("192.0.2.7"));
  return {any, eth0, make("eth9", false)};
}

TEST(PermissionCheck, AgreesWithTheKernel) {
  const CheckItem item = check_permission();
  EXPECT_EQ(item.status == CheckStatus::ok, has_capture_capability());
  EXPECT_EQ(item.advice.empty(), item.status == CheckStatus::ok);
}

TEST(InterfaceCheck, ListsEachWithLinkTypeAndAddress) {
  const CheckItem item = check_interfaces(two_interfaces(), {});
  EXPECT_EQ(item.status, CheckStatus::ok);
  ASSERT_EQ(item.details.size(), 2U);  // the pseudo device is none
  EXPECT_EQ(item.details[0], "eth0, up, EN10MB (Ethernet), 192.0.2.7");
  EXPECT_EQ(item.details[1], "eth9, down");
}

TEST(InterfaceCheck, OneThatIsNotThereFails) {
  const CheckItem item = check_interfaces(two_interfaces(), {"eth0", "eth5"});
  EXPECT_EQ(item.status, CheckStatus::failed);
  EXPECT_EQ(item.found, "there is no interface eth5");
  EXPECT_NE(item.advice.find("--interface"), std::string::npos);
}

TEST(InterfaceCheck, OneThatIsDownIsAWarning) {
  EXPECT_EQ(check_interfaces(two_interfaces(), {"eth9"}).status, CheckStatus::warning);
  EXPECT_EQ(check_interfaces(two_interfaces(), {"any"}).status, CheckStatus::ok);
}

TEST(InterfaceCheck, WhatCannotBeListedFails) {
  const CheckItem item = check_interfaces(fail(ExitCode::engine_missing, "no libpcap"), {});
  EXPECT_EQ(item.status, CheckStatus::failed);
  EXPECT_EQ(item.found, "no libpcap");
}

TEST(CapturedInterfaces, AreThoseThatWereNamedOrAll) {
  EXPECT_EQ(captured_interfaces(two_interfaces(), {}).size(), 2U);
  const std::vector<Interface> one = captured_interfaces(two_interfaces(), {"eth9"});
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0].name, "eth9");
}

TEST(SocketCheck, TellsARealListener) {
  const int server = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(server, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  socklen_t length = sizeof address;
  ASSERT_EQ(::getsockname(server, reinterpret_cast<sockaddr*>(&address), &length), 0);
  const std::uint16_t port = ntohs(address.sin_port);
  EXPECT_EQ(check_sockets({port}).status, CheckStatus::warning);  // bound, but not listened on
  ASSERT_EQ(::listen(server, 1), 0);
  const CheckItem item = check_sockets({port});
  EXPECT_EQ(item.status, CheckStatus::ok);
  EXPECT_EQ(item.found, "port " + std::to_string(port) + " is listened on at 127.0.0.1; 0 connections");
  ::close(server);
}

TEST(OffloadCheck, LoopbackIsKnownToTheKernel) {
  const std::optional<OffloadSettings> settings = offload_settings("lo");
  ASSERT_TRUE(settings);
  EXPECT_GE(settings->mtu, 1500U);
  EXPECT_FALSE(offload_settings("no-such-if"));
  EXPECT_FALSE(offload_settings("a-name-that-is-far-too-long"));
}

TEST(OffloadCheck, ASnapLengthThatCutsIsAWarning) {
  EXPECT_EQ(check_offload({make("lo", true)}, 262'144).status, CheckStatus::ok);
  const CheckItem item = check_offload({make("lo", true)}, 96);
  EXPECT_EQ(item.status, CheckStatus::warning);
  EXPECT_NE(item.found.find("96 bytes"), std::string::npos);
}

}  // namespace
}  // namespace understudy
