// Writes a capture file of TCP conversations over Ethernet and IPv4, fast, with right checksums.
//
// Classic pcap, little-endian, nanoseconds. Packets look as on a wire: TCP time stamps, one ACK for each answer.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace understudy::tools {

// One TCP connection between a client and the server, both directions' sequence numbers.
struct Conversation {
  std::uint32_t client_address = 0;
  std::uint32_t server_address = 0;
  std::uint16_t client_port = 0;
  std::uint16_t server_port = 0;
  std::uint32_t client_next = 0;  // next sequence number of the client's
  std::uint32_t server_next = 0;
};

class CaptureFile {
 public:
  // Ends the program when `path` cannot be written. `gap_ns` lies between one packet and the next.
  CaptureFile(const std::string& path, std::size_t segment_bytes, std::uint64_t gap_ns);
  CaptureFile(const CaptureFile&) = delete;
  CaptureFile& operator=(const CaptureFile&) = delete;
  ~CaptureFile();

  void open(Conversation& conversation);   // SYN, SYN-ACK, ACK
  void close(Conversation& conversation);  // FIN, FIN, ACK
  // The bytes in segments of at most segment_bytes; the other side acknowledges every second one when there are many.
  void send(Conversation& conversation, bool from_client, std::string_view bytes);
  void acknowledge(Conversation& conversation, bool from_client);

  [[nodiscard]] std::uint64_t packets() const { return packets_; }

 private:
  void packet(const Conversation& conversation, bool from_client, std::uint8_t flags, std::string_view payload);
  void flush();

  std::FILE* file_;
  std::size_t segment_bytes_;
  std::uint64_t gap_ns_;
  std::uint64_t now_ns_ = 1'700'000'000'000'000'000;
  std::uint64_t packets_ = 0;
  std::vector<char> buffer_;
};

}  // namespace understudy::tools
