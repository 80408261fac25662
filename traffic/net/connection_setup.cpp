// A connection until it is ready: addresses, TCP, the proxy's tunnel, TLS.
#include <fmt/format.h>

#include "traffic/base/check.hpp"
#include "traffic/net/connection.hpp"

namespace understudy {
namespace {

using boost::asio::ip::tcp;

[[nodiscard]] tcp::endpoint endpoint_of(const IpAddress& address, std::uint16_t port) {
  if (!address.is_v6) {
    boost::asio::ip::address_v4::bytes_type bytes;
    std::copy_n(address.bytes.begin(), bytes.size(), bytes.begin());
    return {boost::asio::ip::address_v4(bytes), port};
  }
  return {boost::asio::ip::address_v6(address.bytes), port};
}

}  // namespace

void Connection::open(std::vector<IpAddress> addresses, std::uint16_t port) {
  CHECK(state_ == State::closed && !addresses.empty());
  addresses_ = std::move(addresses);
  port_ = port;
  next_address_ = 0;
  address_errors_.clear();
  state_ = State::connecting;
  connect_next();
}

void Connection::connect_next() {
  ++generation_;
  boost::system::error_code ignored;
  socket_.close(ignored);
  if (next_address_ == addresses_.size()) {
    connect_failed({LossReason::connect_failed, fmt::format("{} cannot be connected to: {}", peer(), address_errors_)});
    return;
  }
  address_ = addresses_[next_address_++];
  const tcp::endpoint endpoint = endpoint_of(address_, port_);
  boost::system::error_code error;
  socket_.open(endpoint.protocol(), error);
  if (!error) socket_.non_blocking(true, error);
  if (error) {
    address_failed(error.message());
    return;
  }
  socket_.set_option(tcp::no_delay(true), ignored);
  deadline_ = shared_->clock.monotonic_now() + shared_->options.connect_timeout;
  socket_.async_connect(endpoint, [self = shared_from_this(), generation = generation_](const auto& result) {
    if (generation == self->generation_) self->on_tcp_connected(result);
  });
}

void Connection::address_failed(const std::string& why) {
  if (!address_errors_.empty()) address_errors_ += ", ";
  address_errors_ += fmt::format("{}: {}", Endpoint{address_, port_}.to_string(), why);
  connect_next();
}

void Connection::on_tcp_connected(const boost::system::error_code& error) {
  if (error) {
    address_failed(error.message());
    return;
  }
  deadline_ = shared_->clock.monotonic_now() + shared_->options.connect_timeout;
  if (shared_->options.proxy) {
    begin_tunnel();
  } else {
    begin_tls();
  }
}

void Connection::begin_tunnel() {
  state_ = State::tunnelling;
  const SenderOptions& options = shared_->options;
  tunnel_request_ = connect_request(options.target, *options.proxy);
  tunnel_.emplace(options.target, *options.proxy, shared_->parser, shared_->budget);
  continue_tunnel();
}

void Connection::continue_tunnel() {
  while (!tunnel_request_.empty()) {
    const boost::asio::const_buffer buffer(tunnel_request_.data(), tunnel_request_.size());
    const IoResult written = write_some(socket_, std::span(&buffer, 1), error_);
    if (written.status == IoStatus::want_write) return wait_writable();
    if (written.status != IoStatus::ok) {
      return connect_failed(
          {LossReason::connect_failed, fmt::format("{} broke the connection: {}", peer(), error_.message())});
    }
    tunnel_request_.erase(0, written.bytes);
  }
  TunnelReply::State reply = TunnelReply::State::reading;
  while (reply == TunnelReply::State::reading) {
    const IoResult read = read_some(socket_, shared_->read_buffer, error_);
    if (read.status == IoStatus::want_read) return wait_readable();
    reply = read.status == IoStatus::ok ? tunnel_->feed({shared_->read_buffer.data(), read.bytes}) : tunnel_->finish();
  }
  if (reply == TunnelReply::State::refused) return connect_failed({LossReason::proxy_refused, tunnel_->failure()});
  begin_tls();
}

void Connection::begin_tls() {
  tunnel_.reset();
  if (!shared_->options.target.is_tls) return become_ready();
  state_ = State::handshaking;
  tls_.emplace(*shared_->options.tls, socket_);
  continue_handshake();
}

void Connection::continue_handshake() {
  switch (tls_->handshake()) {
    case IoStatus::ok:
      if (tls_->resumed()) shared_->counters.tls_resumptions.add();
      return become_ready();
    case IoStatus::want_read: return wait_readable();
    case IoStatus::want_write: return wait_writable();
    default:
      return connect_failed(
          {LossReason::tls_failed,
           fmt::format("TLS with {} failed: {}", shared_->options.target.authority(), tls_->failure())});
  }
}

void Connection::become_ready() {
  state_ = State::idle;
  kept_ = false;
  reader_.emplace(MessageKind::response, shared_->parser, static_cast<MessageHandler&>(*this), shared_->budget);
  idle_since_ = shared_->clock.monotonic_now();
  shared_->owner.on_connected(*this);
  if (state_ == State::idle || state_ == State::busy) wait_readable();
}

void Connection::connect_failed(const ConnectionFailure& failure) {
  close();
  shared_->owner.on_connect_failed(*this, failure);
}

}  // namespace understudy
