// One TCP connection, through a proxy's tunnel and with TLS where wanted, for a thread that waits: reads and writes
// return when there is something, when the time is over, or soon after the stop token says so.
//
// Thread safety: one thread.
#pragma once

#include <utility>  // before Asio: Boost 1.81 uses std::exchange without including it

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/endpoint.hpp"
#include "traffic/base/error.hpp"
#include "traffic/net/stream.hpp"
#include "traffic/net/target.hpp"
#include "traffic/net/tls.hpp"

namespace understudy {

struct StreamOptions {
  TargetUrl target;
  std::optional<TargetUrl> proxy;  // its CONNECT is used for http, too
  TlsOptions tls;
  Nanoseconds connect_timeout = std::chrono::seconds(10);  // for each address, the tunnel and the handshake each
};

class BlockingStream {
 public:
  explicit BlockingStream(StreamOptions options);
  ~BlockingStream();
  BlockingStream(const BlockingStream&) = delete;
  BlockingStream& operator=(const BlockingStream&) = delete;

  // Connects to the first address that answers. REQUIRES: not open; addresses of the proxy where there is one, not
  // empty. ExitCode::tls where certificates are at fault; ExitCode::target_invalid for the rest.
  [[nodiscard]] Result<void> open(const std::vector<IpAddress>& addresses, const std::stop_token& stop);
  [[nodiscard]] bool is_open() const { return open_; }
  void close();

  // Some bytes; 0: the other side has ended the stream. Error when `idle` passes without any, or on a stop request.
  [[nodiscard]] Result<std::size_t> read(std::span<char> into, Nanoseconds idle, const std::stop_token& stop);
  // All bytes.
  [[nodiscard]] Result<void> write(std::string_view bytes, Nanoseconds idle, const std::stop_token& stop);

  [[nodiscard]] const StreamOptions& options() const { return options_; }

 private:
  [[nodiscard]] Result<void> connect(const IpAddress& address, const std::stop_token& stop);
  [[nodiscard]] Result<void> open_tunnel(const std::stop_token& stop);
  [[nodiscard]] Result<void> shake_hands(const std::stop_token& stop);
  [[nodiscard]] Result<void> wait(IoStatus status, MonotonicTime deadline, const std::stop_token& stop);
  [[nodiscard]] tl::unexpected<Error> failed(std::string_view what) const;

  StreamOptions options_;
  boost::asio::io_context context_;
  TcpSocket socket_;
  std::shared_ptr<TlsContext> tls_context_;
  std::optional<TlsSession> tls_;
  bool open_ = false;
};

}  // namespace understudy
