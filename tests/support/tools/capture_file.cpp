#include "tests/support/tools/capture_file.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "tests/support/tools/sockets.hpp"

namespace understudy::tools {
namespace {

constexpr std::size_t buffer_size = std::size_t{4} * 1024 * 1024;
constexpr std::size_t ethernet_size = 14;
constexpr std::size_t ip_size = 20;
constexpr std::size_t tcp_size = 32;  // with the time stamp option
constexpr std::size_t header_size = ethernet_size + ip_size + tcp_size;

constexpr std::array<std::uint8_t, ethernet_size> ethernet_to_server = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0};
constexpr std::array<std::uint8_t, ethernet_size> ethernet_to_client = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0};
constexpr std::array<std::uint8_t, 4> timestamp_option = {1, 1, 8, 10};  // no-operation twice, then kind 8 of 10 bytes

constexpr std::uint8_t flag_fin = 1;
constexpr std::uint8_t flag_syn = 2;
constexpr std::uint8_t flag_push = 8;
constexpr std::uint8_t flag_ack = 16;

void store_be16(std::uint8_t* to, std::uint32_t value) {
  to[0] = static_cast<std::uint8_t>(value >> 8);
  to[1] = static_cast<std::uint8_t>(value);
}

void store_be32(std::uint8_t* to, std::uint32_t value) {
  store_be16(to, value >> 16);
  store_be16(to + 2, value);
}

// One's complement sum of 16-bit words in memory order; folding makes the byte order come out right (RFC 1071).
std::uint64_t sum_words(const void* from, std::size_t size) {
  const auto* bytes = static_cast<const std::uint8_t*>(from);
  std::uint64_t sum = 0;
  for (; size >= 4; size -= 4, bytes += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes, 4);
    sum += word;
  }
  if (size > 0) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes, size);
    sum += word;
  }
  return sum;
}

std::uint16_t fold(std::uint64_t sum) {
  while (sum >> 16 != 0) {
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<std::uint16_t>(~sum);
}

struct RecordHeader {
  std::uint32_t seconds;
  std::uint32_t nanoseconds;
  std::uint32_t captured;
  std::uint32_t original;
};

}  // namespace

CaptureFile::CaptureFile(const std::string& path, std::size_t segment_bytes, std::uint64_t gap_ns)
    : file_(path == "-" ? stdout : std::fopen(path.c_str(), "wb")), segment_bytes_(segment_bytes), gap_ns_(gap_ns) {
  if (file_ == nullptr) {
    die("cannot write " + path);
  }
  struct {
    std::uint32_t magic = 0xa1b23c4d;
    std::uint16_t major = 2;
    std::uint16_t minor = 4;
    std::uint32_t zone = 0;
    std::uint32_t accuracy = 0;
    std::uint32_t snap_length = 262144;
    std::uint32_t link_type = 1;
  } const header;
  buffer_.reserve(buffer_size + 70'000);
  const auto* bytes = reinterpret_cast<const char*>(&header);
  buffer_.insert(buffer_.end(), bytes, bytes + sizeof header);
}

CaptureFile::~CaptureFile() {
  flush();
  if (file_ != stdout && std::fclose(file_) != 0) {
    die("cannot finish the capture file");
  }
}

void CaptureFile::flush() {
  if (std::fwrite(buffer_.data(), 1, buffer_.size(), file_) != buffer_.size()) {
    die("cannot write the capture file");
  }
  buffer_.clear();
}

void CaptureFile::open(Conversation& conversation) {
  packet(conversation, true, flag_syn, {});
  ++conversation.client_next;
  packet(conversation, false, flag_syn | flag_ack, {});
  ++conversation.server_next;
  packet(conversation, true, flag_ack, {});
}

void CaptureFile::close(Conversation& conversation) {
  packet(conversation, true, flag_fin | flag_ack, {});
  ++conversation.client_next;
  packet(conversation, false, flag_fin | flag_ack, {});
  ++conversation.server_next;
  packet(conversation, true, flag_ack, {});
}

void CaptureFile::send(Conversation& conversation, bool from_client, std::string_view bytes) {
  std::uint32_t& next = from_client ? conversation.client_next : conversation.server_next;
  for (unsigned sent = 1; !bytes.empty(); ++sent) {
    const std::string_view segment = bytes.substr(0, segment_bytes_);
    bytes.remove_prefix(segment.size());
    packet(conversation, from_client, bytes.empty() ? flag_push | flag_ack : flag_ack, segment);
    next += static_cast<std::uint32_t>(segment.size());
    if (sent % 2 == 0 && !bytes.empty()) {
      acknowledge(conversation, !from_client);
    }
  }
}

void CaptureFile::acknowledge(Conversation& conversation, bool from_client) {
  packet(conversation, from_client, flag_ack, {});
}

void CaptureFile::packet(const Conversation& c, bool from_client, std::uint8_t flags, std::string_view payload) {
  const std::size_t size = header_size + payload.size();
  now_ns_ += gap_ns_;
  const RecordHeader record{static_cast<std::uint32_t>(now_ns_ / 1'000'000'000),
                            static_cast<std::uint32_t>(now_ns_ % 1'000'000'000), static_cast<std::uint32_t>(size),
                            static_cast<std::uint32_t>(size)};
  const std::size_t at = buffer_.size();
  buffer_.resize(at + sizeof record + size);
  std::memcpy(buffer_.data() + at, &record, sizeof record);
  auto* frame = reinterpret_cast<std::uint8_t*>(buffer_.data() + at + sizeof record);
  std::memcpy(frame, (from_client ? ethernet_to_server : ethernet_to_client).data(), ethernet_size);
  std::uint8_t* ip = frame + ethernet_size;
  std::memset(ip, 0, ip_size + tcp_size);
  ip[0] = 0x45;
  store_be16(ip + 2, static_cast<std::uint32_t>(size - ethernet_size));
  store_be16(ip + 4, static_cast<std::uint32_t>(packets_ & 0xffff));
  ip[6] = 0x40;  // don't fragment
  ip[8] = 64;
  ip[9] = 6;
  store_be32(ip + 12, from_client ? c.client_address : c.server_address);
  store_be32(ip + 16, from_client ? c.server_address : c.client_address);
  const std::uint16_t ip_sum = fold(sum_words(ip, ip_size));
  std::memcpy(ip + 10, &ip_sum, 2);
  std::uint8_t* tcp = ip + ip_size;
  store_be16(tcp, from_client ? c.client_port : c.server_port);
  store_be16(tcp + 2, from_client ? c.server_port : c.client_port);
  store_be32(tcp + 4, from_client ? c.client_next : c.server_next);
  store_be32(tcp + 8, flags == flag_syn ? 0 : from_client ? c.server_next : c.client_next);
  tcp[12] = tcp_size / 4 << 4;
  tcp[13] = flags;
  store_be16(tcp + 14, 502);
  std::memcpy(tcp + 20, timestamp_option.data(), timestamp_option.size());
  store_be32(tcp + 24, static_cast<std::uint32_t>(now_ns_ / 1'000'000));
  store_be32(tcp + 28, static_cast<std::uint32_t>(now_ns_ / 1'000'000));
  std::memcpy(tcp + tcp_size, payload.data(), payload.size());
  std::uint8_t pseudo[4] = {0, 6, 0, 0};
  store_be16(pseudo + 2, static_cast<std::uint32_t>(tcp_size + payload.size()));
  const std::uint16_t tcp_sum =
      fold(sum_words(ip + 12, 8) + sum_words(pseudo, 4) + sum_words(tcp, tcp_size + payload.size()));
  std::memcpy(tcp + 16, &tcp_sum, 2);
  ++packets_;
  if (buffer_.size() >= buffer_size) {
    flush();
  }
}

}  // namespace understudy::tools
