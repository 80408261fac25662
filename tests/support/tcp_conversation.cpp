#include <algorithm>

#include "tests/support/packet_builder.hpp"

namespace understudy {
namespace {

// Whether `a` lies behind `b`, by serial arithmetic.
bool is_after(std::uint32_t a, std::uint32_t b) { return a != b && a - b < 0x80000000U; }

}  // namespace

TcpConversation::TcpConversation(Options options)
    : options_(options),
      now_(options.start),
      client_next_(options.client_isn + 1),
      server_next_(options.server_isn + 1) {}

TcpConversation& TcpConversation::send(bool from_client, std::uint32_t sequence, std::uint8_t flags,
                                       std::string_view payload) {
  TcpPacket packet;
  packet.source = from_client ? options_.client : options_.server;
  packet.destination = from_client ? options_.server : options_.client;
  packet.sequence = sequence;
  packet.flags = flags;
  packet.acknowledgment = (flags & tcp_flag::ack) == 0 ? 0 : (from_client ? server_next_ : client_next_);
  packet.payload = payload;
  return raw(std::move(packet));
}

TcpConversation& TcpConversation::raw(TcpPacket packet) {
  packet.time = now_;
  now_ += options_.step;
  packets_.push_back(std::move(packet));
  return *this;
}

TcpConversation& TcpConversation::wait(Nanoseconds time) {
  now_ += time;
  return *this;
}

TcpConversation& TcpConversation::syn() { return send(true, options_.client_isn, tcp_flag::syn, {}); }

TcpConversation& TcpConversation::syn_ack() {
  return send(false, options_.server_isn, tcp_flag::syn | tcp_flag::ack, {});
}

TcpConversation& TcpConversation::client_ack() { return send(true, client_next_, tcp_flag::ack, {}); }
TcpConversation& TcpConversation::server_ack() { return send(false, server_next_, tcp_flag::ack, {}); }

TcpConversation& TcpConversation::handshake() { return syn().syn_ack().client_ack(); }

TcpConversation& TcpConversation::send_at(bool from_client, std::uint32_t offset, std::string_view bytes) {
  const std::uint32_t sequence = (from_client ? options_.client_isn : options_.server_isn) + 1 + offset;
  send(from_client, sequence, tcp_flag::ack | tcp_flag::psh, bytes);
  std::uint32_t& next = from_client ? client_next_ : server_next_;
  const std::uint32_t end = sequence + static_cast<std::uint32_t>(bytes.size());
  if (is_after(end, next)) {
    next = end;
  }
  return *this;
}

TcpConversation& TcpConversation::client_at(std::uint32_t offset, std::string_view bytes) {
  return send_at(true, offset, bytes);
}

TcpConversation& TcpConversation::server_at(std::uint32_t offset, std::string_view bytes) {
  return send_at(false, offset, bytes);
}

TcpConversation& TcpConversation::client(std::string_view bytes) {
  return send_at(true, client_next_ - options_.client_isn - 1, bytes);
}

TcpConversation& TcpConversation::server(std::string_view bytes) {
  return send_at(false, server_next_ - options_.server_isn - 1, bytes);
}

TcpConversation& TcpConversation::in_segments(bool from_client, std::string_view bytes, std::size_t size) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size()))) {
    const std::string_view piece = bytes.substr(0, size);
    from_client ? client(piece) : server(piece);
  }
  return *this;
}

TcpConversation& TcpConversation::client_in_segments(std::string_view bytes, std::size_t size) {
  return in_segments(true, bytes, size);
}

TcpConversation& TcpConversation::server_in_segments(std::string_view bytes, std::size_t size) {
  return in_segments(false, bytes, size);
}

TcpConversation& TcpConversation::lose_client(std::uint32_t count) {
  client_next_ += count;
  return *this;
}

TcpConversation& TcpConversation::lose_server(std::uint32_t count) {
  server_next_ += count;
  return *this;
}

TcpConversation& TcpConversation::client_keep_alive(std::string_view garbage) {
  return send(true, client_next_ - 1, tcp_flag::ack, garbage);
}

TcpConversation& TcpConversation::client_fin() {
  send(true, client_next_, tcp_flag::fin | tcp_flag::ack, {});
  ++client_next_;
  return *this;
}

TcpConversation& TcpConversation::server_fin() {
  send(false, server_next_, tcp_flag::fin | tcp_flag::ack, {});
  ++server_next_;
  return *this;
}

TcpConversation& TcpConversation::client_rst() { return send(true, client_next_, tcp_flag::rst | tcp_flag::ack, {}); }
TcpConversation& TcpConversation::server_rst() { return send(false, server_next_, tcp_flag::rst | tcp_flag::ack, {}); }

}  // namespace understudy
