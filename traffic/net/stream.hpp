// A TCP socket that never blocks, plain or with TLS on it: reads and writes are tried at once, and say what to wait
// for.
//
// Thread safety: none; one thread.
#pragma once

#include <utility>  // before Asio: Boost 1.81 uses std::exchange without including it

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

struct bio_st;
struct ssl_st;

namespace understudy {

class TlsContext;

// With the concrete executor: no type erasure on each operation.
using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

enum class IoStatus : std::uint8_t {
  ok,
  want_read,   // try again when the socket is readable
  want_write,  // try again when it is writable
  closed,      // the other side ended the stream in order
  failed,
};

struct IoResult {
  IoStatus status = IoStatus::failed;
  std::size_t bytes = 0;  // when ok: more than zero
};

// Plain reads and writes. REQUIRES: the socket is in non-blocking mode.
[[nodiscard]] IoResult read_some(TcpSocket& socket, std::span<char> into, boost::system::error_code& error);
[[nodiscard]] IoResult write_some(TcpSocket& socket, std::span<const boost::asio::const_buffer> from,
                                  boost::system::error_code& error);

// One TLS session as a client. The socket and the context outlive it.
class TlsSession {
 public:
  // A session to resume, the name to verify and SNI come from the context.
  TlsSession(TlsContext& context, TcpSocket& socket);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // ok: the handshake is done, and the certificate verified unless the context says otherwise.
  [[nodiscard]] IoStatus handshake();
  [[nodiscard]] IoResult read_some(std::span<char> into);
  // After want_write or want_read the next call must begin with the same bytes.
  [[nodiscard]] IoResult write_some(std::string_view bytes);

  // Why the last call failed, in words, with what to do about it.
  [[nodiscard]] std::string failure() const;
  // Whether the last failure was an alert: the target refuses TLS with us.
  [[nodiscard]] bool refused() const;
  [[nodiscard]] bool resumed() const;
  // "TLSv1.3".
  [[nodiscard]] std::string version() const;
  // For describing what the target showed. Owned by the session.
  [[nodiscard]] const ssl_st* native() const { return ssl_; }

 private:
  [[nodiscard]] IoStatus status_of(int result);
  [[nodiscard]] std::string verification_failure(long code) const;

  TlsContext& context_;
  ssl_st* ssl_;
  unsigned long error_ = 0;  // OpenSSL's, of the last failure
  bool ended_ = false;       // the last failure was the end of the stream
};

}  // namespace understudy
