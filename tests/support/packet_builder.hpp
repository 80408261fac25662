// Packets and capture files made in memory, for tests.
//
// Example, a request in two segments with the second one sent twice:
//   TcpConversation talk({.client = endpoint("10.0.0.1:40000"), .server = endpoint("10.0.0.2:80")});
//   talk.handshake().client("GET / HT").client("TP/1.1\r\n\r\n").client_at(8,
//   "TP/1.1\r\n\r\n").client_fin().server_fin(); write_pcap(path, ethernet_packets(talk));
//
// Thread safety: values; no shared state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/capture/packet.hpp"
#include "agent/decode/segment.hpp"
#include "traffic/base/endpoint.hpp"

namespace understudy {

using Bytes = std::vector<std::uint8_t>;

// "10.0.0.1:80" or "[2001:db8::1]:80". Aborts on anything else: tests give constants.
[[nodiscard]] Endpoint endpoint(std::string_view text);

// The time that conversations begin at: 2024-01-01T00:00:00Z.
[[nodiscard]] WallTime test_epoch();

// One TCP segment, owning its payload.
struct TcpPacket {
  Endpoint source;
  Endpoint destination;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgment = 0;
  std::uint8_t flags = tcp_flag::ack;
  std::uint16_t window = 65535;
  Bytes options;  // a multiple of 4 bytes, at most 40
  std::string payload;
  WallTime time = test_epoch();

  // What decode makes of it. Borrows from this object.
  [[nodiscard]] TcpSegment segment() const;
};

// A captured packet, owning its bytes.
struct CapturedPacket {
  Bytes data;
  WallTime time = test_epoch();
  std::uint32_t wire_length = 0;  // 0: data.size()
  LinkType link_type = 1;

  // Borrows from this object.
  [[nodiscard]] PacketView view() const;
};

// --- Layers, from the inside out. Lengths and checksums are right.

// Of IPv4 or IPv6 by the endpoints' addresses.
[[nodiscard]] Bytes tcp_header_and_payload(const TcpPacket& packet);
[[nodiscard]] Bytes udp_datagram(const Endpoint& source, const Endpoint& destination, const Bytes& payload);

struct IpFields {
  std::uint16_t identification = 0;  // IPv4
  std::uint8_t time_to_live = 64;
  Bytes options;  // IPv4: a multiple of 4 bytes, at most 40
};
// IPv4 or IPv6 by the addresses; `protocol` as in the IPv4 header or the IPv6 next header field.
[[nodiscard]] Bytes ip_packet(const IpAddress& source, const IpAddress& destination, std::uint8_t protocol,
                              const Bytes& payload, const IpFields& fields = {});
[[nodiscard]] Bytes ip_packet(const TcpPacket& packet, const IpFields& fields = {});

// Cuts the payload of an IPv4 or IPv6 packet without extension headers into fragments of `payload_size` bytes (rounded
// down to a multiple of 8), in order. `identification` ties them together.
[[nodiscard]] std::vector<Bytes> ip_fragments(const Bytes& packet, std::size_t payload_size,
                                              std::uint32_t identification);

struct EthernetFields {
  std::vector<std::uint16_t> vlans;  // outermost first; two or more: the outer ones are 0x88a8, the inner one 0x8100
  std::size_t minimum_size = 0;      // padded with zeros up to this; 60 is what a network card sends
};
// Around an IP packet; the EtherType follows from its version.
[[nodiscard]] Bytes ethernet_frame(const Bytes& ip_packet, const EthernetFields& fields = {});
// Around anything.
[[nodiscard]] Bytes ethernet_frame(std::uint16_t ether_type, const Bytes& payload);

// a followed by b.
[[nodiscard]] Bytes concatenate(const Bytes& a, const Bytes& b);
// "45 00 0f" to bytes; spaces and newlines are free. Aborts on anything else.
[[nodiscard]] Bytes from_hex(std::string_view text);

// --- A connection.

// Writes the segments of one TCP connection in the order of the calls. Each call advances time by `step`.
// Acknowledgement numbers follow by themselves: a segment acknowledges all that the other side sent (also what lose_*()
// left out of the capture, since production's host received it).
class TcpConversation {
 public:
  struct Options {
    Endpoint client;
    Endpoint server;
    std::uint32_t client_isn = 1000;  // initial sequence numbers; near 2^32 to make them wrap
    std::uint32_t server_isn = 5000;
    WallTime start = test_epoch();
    Nanoseconds step = std::chrono::milliseconds(1);
  };
  explicit TcpConversation(Options options);

  TcpConversation& handshake();  // SYN, SYN-ACK, ACK
  TcpConversation& syn();
  TcpConversation& syn_ack();
  TcpConversation& client_ack();  // an ACK without payload
  TcpConversation& server_ack();

  // One segment of these bytes.
  TcpConversation& client(std::string_view bytes);
  TcpConversation& server(std::string_view bytes);
  // As many segments of at most `size` bytes as it takes.
  TcpConversation& client_in_segments(std::string_view bytes, std::size_t size);
  TcpConversation& server_in_segments(std::string_view bytes, std::size_t size);
  // A segment at a place of its own (offset from the first byte after the SYN): retransmissions, overlap, reordering.
  // The place where client() and server() go on becomes the furthest end ever sent.
  TcpConversation& client_at(std::uint32_t offset, std::string_view bytes);
  TcpConversation& server_at(std::uint32_t offset, std::string_view bytes);
  // Bytes that were sent but not captured.
  TcpConversation& lose_client(std::uint32_t count);
  TcpConversation& lose_server(std::uint32_t count);
  // One byte before the next one expected, as keep-alive probes do.
  TcpConversation& client_keep_alive(std::string_view garbage = {});

  TcpConversation& client_fin();
  TcpConversation& server_fin();
  TcpConversation& client_rst();
  TcpConversation& server_rst();

  // Any segment; nothing is filled in or advanced but the time.
  TcpConversation& raw(TcpPacket packet);
  TcpConversation& wait(Nanoseconds time);

  // REQUIRES: at least one packet. For changes of the last one: flags, window, time.
  [[nodiscard]] TcpPacket& last() { return packets_.back(); }
  // In order; tests may reorder, remove and repeat them.
  [[nodiscard]] std::vector<TcpPacket>& packets() { return packets_; }
  [[nodiscard]] const std::vector<TcpPacket>& packets() const { return packets_; }

 private:
  TcpConversation& send(bool from_client, std::uint32_t sequence, std::uint8_t flags, std::string_view payload);
  TcpConversation& send_at(bool from_client, std::uint32_t offset, std::string_view bytes);
  TcpConversation& in_segments(bool from_client, std::string_view bytes, std::size_t size);

  Options options_;
  WallTime now_;
  std::uint32_t client_next_;  // sequence number of the next byte
  std::uint32_t server_next_;
  std::vector<TcpPacket> packets_;
};

// --- Captures.

// Ethernet frames without VLAN tags, in the order given.
[[nodiscard]] std::vector<CapturedPacket> ethernet_packets(const std::vector<TcpPacket>& packets);
[[nodiscard]] std::vector<CapturedPacket> ethernet_packets(const TcpConversation& conversation);
// Several conversations at once, sorted by time (stable).
[[nodiscard]] std::vector<CapturedPacket> ethernet_packets(const std::vector<TcpConversation>& conversations);

struct PcapLayout {
  bool big_endian = false;
  bool nanoseconds = false;
};
// A pcap file. All packets must have the link type of the first (1 when there is none).
[[nodiscard]] Bytes pcap_file(const std::vector<CapturedPacket>& packets, const PcapLayout& layout = {});

struct PcapngLayout {
  bool big_endian = false;
  std::uint8_t timestamp_resolution = 6;  // if_tsresol: 10^-n, or 2^-(n-128) from 128 on
};
// A pcapng file: one section, one interface for each link type, enhanced packet blocks.
[[nodiscard]] Bytes pcapng_file(const std::vector<CapturedPacket>& packets, const PcapngLayout& layout = {});

// Aborts when it cannot be written: tests write into their own temporary folder.
void write_file(const std::string& path, const Bytes& bytes);
void write_pcap(const std::string& path, const std::vector<CapturedPacket>& packets);

}  // namespace understudy
