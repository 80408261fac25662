#include "replay/store/blocking_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>

#include "traffic/base/native_socket.hpp"
#include "traffic/http/memory_budget.hpp"
#include "traffic/net/connect_tunnel.hpp"

namespace understudy {
namespace {

using boost::asio::ip::tcp;

// How late a stop request may be seen.
constexpr Nanoseconds slice_max = std::chrono::milliseconds(100);
constexpr std::size_t tunnel_bytes_max = std::size_t{64} << 10U;

[[nodiscard]] tcp::endpoint endpoint_of(const IpAddress& address, std::uint16_t port) {
  if (address.is_v6) return {boost::asio::ip::address_v6(address.bytes), port};
  boost::asio::ip::address_v4::bytes_type bytes;
  std::copy_n(address.bytes.begin(), bytes.size(), bytes.begin());
  return {boost::asio::ip::address_v4(bytes), port};
}

}  // namespace

BlockingStream::BlockingStream(StreamOptions options)
    : options_(std::move(options)), context_(1), socket_(context_.get_executor()) {}

BlockingStream::~BlockingStream() { close(); }

void BlockingStream::close() {
  tls_.reset();
  boost::system::error_code ignored;
  socket_.close(ignored);
  open_ = false;
}

tl::unexpected<Error> BlockingStream::failed(std::string_view what) const {
  return fail(ExitCode::target_invalid, fmt::format("{}: {}", options_.target.authority(), what));
}

Result<void> BlockingStream::wait(IoStatus status, MonotonicTime deadline, const std::stop_token& stop) {
  const SocketEvent event = status == IoStatus::want_read ? SocketEvent::readable : SocketEvent::writable;
  while (!stop.stop_requested()) {
    const Nanoseconds left = deadline - system_clock().monotonic_now();
    if (left.count() <= 0) return failed("no answer in time");
    const SocketWait waited = wait_for_socket(socket_.native_handle(), event, std::min(left, slice_max));
    if (waited == SocketWait::ready) return {};
    if (waited == SocketWait::failed) return failed(last_socket_error().text());
  }
  return fail(ExitCode::aborted, "stopped");
}

Result<void> BlockingStream::open(const std::vector<IpAddress>& addresses, const std::stop_token& stop) {
  if (options_.target.is_tls && !tls_context_) {
    auto context = TlsContext::create(options_.tls, options_.target.host);
    if (!context) return tl::unexpected(context.error());
    tls_context_ = std::move(*context);
  }
  std::string problems;
  for (const IpAddress& address : addresses) {
    if (auto connected = connect(address, stop); !connected) {
      close();
      if (stop.stop_requested()) return connected;
      problems += (problems.empty() ? "" : ", ") + connected.error().message;
      continue;
    }
    Result<void> ready;
    if (options_.proxy) ready = open_tunnel(stop);
    if (ready && options_.target.is_tls) ready = shake_hands(stop);
    if (!ready) close();
    open_ = ready.has_value();
    return ready;
  }
  const TargetUrl& peer = options_.proxy ? *options_.proxy : options_.target;
  return fail(ExitCode::target_invalid,
              fmt::format("{}{} cannot be connected to: {}", options_.proxy ? "the proxy " : "", peer.authority(),
                          problems.empty() ? "it has no address" : problems));
}

Result<void> BlockingStream::connect(const IpAddress& address, const std::stop_token& stop) {
  const std::uint16_t port = options_.proxy ? options_.proxy->port : options_.target.port;
  const tcp::endpoint endpoint = endpoint_of(address, port);
  const auto cannot = [&](const std::string& why) {
    return fail(ExitCode::target_invalid, fmt::format("{}: {}", Endpoint{address, port}.to_string(), why));
  };
  boost::system::error_code error;
  socket_.open(endpoint.protocol(), error);
  if (!error) socket_.non_blocking(true, error);
  if (!error) socket_.set_option(tcp::no_delay(true), error);
  if (error) return cannot(error.message());
  // Asio's own connect() waits without a limit.
  const ConnectStart start = begin_connect(socket_.native_handle(), endpoint.data(), endpoint.size());
  if (start == ConnectStart::connected) return {};
  if (start == ConnectStart::failed) return cannot(last_socket_error().text());
  const MonotonicTime deadline = system_clock().monotonic_now() + options_.connect_timeout;
  if (auto ready = wait(IoStatus::want_write, deadline, stop); !ready) return ready;
  if (const SystemError problem = take_socket_error(socket_.native_handle()); problem.number != 0) {
    return cannot(problem.text());
  }
  return {};
}

Result<void> BlockingStream::open_tunnel(const std::stop_token& stop) {
  HeadParser parser{FramingPolicy()};
  MemoryBudget budget(tunnel_bytes_max);
  TunnelReply reply(options_.target, *options_.proxy, parser, budget);
  if (auto sent = write(connect_request(options_.target, *options_.proxy), options_.connect_timeout, stop); !sent) {
    return sent;
  }
  TunnelReply::State state = TunnelReply::State::reading;
  std::array<char, 2048> buffer;
  for (std::size_t total = 0; state == TunnelReply::State::reading && total < tunnel_bytes_max;) {
    const auto got = read(buffer, options_.connect_timeout, stop);
    if (!got) return tl::unexpected(got.error());
    total += *got;
    state = *got == 0 ? reply.finish() : reply.feed({buffer.data(), *got});
  }
  if (state == TunnelReply::State::established) return {};
  return fail(ExitCode::target_invalid,
              state == TunnelReply::State::refused ? reply.failure() : "no end of its answer");
}

Result<void> BlockingStream::shake_hands(const std::stop_token& stop) {
  const MonotonicTime deadline = system_clock().monotonic_now() + options_.connect_timeout;
  tls_.emplace(*tls_context_, socket_);
  while (true) {
    const IoStatus status = tls_->handshake();
    if (status == IoStatus::ok) return {};
    if (status != IoStatus::want_read && status != IoStatus::want_write) {
      return fail(ExitCode::tls, fmt::format("TLS with {} failed: {}", options_.target.authority(), tls_->failure()));
    }
    if (auto ready = wait(status, deadline, stop); !ready) return ready;
  }
}

Result<std::size_t> BlockingStream::read(std::span<char> into, Nanoseconds idle, const std::stop_token& stop) {
  const MonotonicTime deadline = system_clock().monotonic_now() + idle;
  while (true) {
    boost::system::error_code error;
    const IoResult got = tls_ ? tls_->read_some(into) : read_some(socket_, into, error);
    if (got.status == IoStatus::ok) return got.bytes;
    if (got.status == IoStatus::closed) return 0;
    if (got.status == IoStatus::failed) return failed(tls_ ? tls_->failure() : error.message());
    if (auto ready = wait(got.status, deadline, stop); !ready) return tl::unexpected(ready.error());
  }
}

Result<void> BlockingStream::write(std::string_view bytes, Nanoseconds idle, const std::stop_token& stop) {
  MonotonicTime deadline = system_clock().monotonic_now() + idle;
  while (!bytes.empty()) {
    boost::system::error_code error;
    const boost::asio::const_buffer buffer(bytes.data(), bytes.size());
    const IoResult put = tls_ ? tls_->write_some(bytes) : write_some(socket_, std::span(&buffer, 1), error);
    if (put.status == IoStatus::ok) {
      bytes.remove_prefix(put.bytes);
      deadline = system_clock().monotonic_now() + idle;
      continue;
    }
    if (put.status == IoStatus::closed) return failed("the connection was closed");
    if (put.status == IoStatus::failed) return failed(tls_ ? tls_->failure() : error.message());
    if (auto ready = wait(put.status, deadline, stop); !ready) return ready;
  }
  return {};
}

}  // namespace understudy
