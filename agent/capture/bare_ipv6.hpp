// IPv6 packets out of what raw sockets of Windows give: the bytes behind the last IPv6 header, the two addresses, and
// not the protocol (learn.microsoft.com, "TCP/IP raw sockets", Send and Receive Operations).
//
// Thread safety: plain functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "traffic/base/bytes.hpp"
#include "traffic/base/endpoint.hpp"

namespace understudy {

inline constexpr std::size_t ipv6_header_size = 40;  // RFC 8200 section 3

// Whether `payload` is a TCP segment between these addresses. Its checksum tells, if it was computed: of what this host
// sends, offloading leaves that to the card. Then it must look like TCP's header (RFC 9293 section 3.1) and not be a
// UDP datagram, which has its own length where TCP has half of a sequence number.
[[nodiscard]] bool is_bare_tcp(ByteView payload, const IpAddress& source, const IpAddress& destination);

// Writes an IPv6 header for TCP at `to`, with a payload of `payload_size` bytes. REQUIRES: ipv6_header_size bytes
// writable, payload_size at most 65535, both addresses IPv6.
void write_ipv6_header(std::uint8_t* to, std::size_t payload_size, const IpAddress& source,
                       const IpAddress& destination);

}  // namespace understudy
