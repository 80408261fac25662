// One connection to the target: connects (through a proxy, with TLS, over all addresses), then carries one request at a
// time and reads its response to the end.
//
//   closed -> connecting -> [tunnelling] -> [handshaking] -> idle <-> busy -> closed
//
// A request's bytes are written at once, as far as the socket takes them, straight from where they lie. A response's
// first bytes are received into a small buffer of the connection's own, which costs one system call; what is longer,
// and TLS, is read into one buffer that all connections share, when the socket is readable. Nothing is allocated for a
// request once a connection is warm, apart from the event loop's own record of a wait.
//
// Time-outs: the owner calls check_deadline() now and then. No timer belongs to a connection.
//
// Lifetime: made by make_shared; operations under way keep it alive. After close() the owner is not called any more.
// Thread safety: none; everything on the loop's thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "traffic/base/counter.hpp"
#include "traffic/base/endpoint.hpp"
#include "traffic/http/message_reader.hpp"
#include "traffic/net/connect_tunnel.hpp"
#include "traffic/net/outbound.hpp"
#include "traffic/net/outbound_cursor.hpp"
#include "traffic/net/sender.hpp"
#include "traffic/net/stream.hpp"

namespace understudy {

class Connection;

// Why a connection, or a request on it, failed. `text` is a sentence without secrets.
struct ConnectionFailure {
  LossReason reason = LossReason::connect_failed;
  std::string text;
  bool untouched = false;  // no byte of the request was written
};

class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  // Connected, with tunnel and handshake; idle.
  virtual void on_connected(Connection& connection) = 0;
  // Not connected; closed.
  virtual void on_connect_failed(Connection& connection, const ConnectionFailure& failure) = 0;
  // The request in request() got its whole response. The connection is idle, or closed where it cannot be used again.
  virtual void on_response(Connection& connection, int status) = 0;
  // The request in request() will get no whole response. Closed.
  virtual void on_request_failed(Connection& connection, const ConnectionFailure& failure) = 0;
  // An idle connection was ended by the target. Closed.
  virtual void on_idle_closed(Connection& connection) = 0;
};

// Counted by all connections of a sender. Written on the loop's thread, read from any.
struct ConnectionCounters {
  Counter requests_sent;
  Counter bytes_sent;
  Counter bytes_received;
  Counter tls_resumptions;
};

// What the connections of one sender share. All references outlive them.
struct ConnectionContext {
  ConnectionContext(boost::asio::io_context& context, const Clock& clock_in_use, const SenderOptions& sender_options,
                    ConnectionOwner& connection_owner);

  boost::asio::io_context& io;
  const Clock& clock;
  const SenderOptions& options;
  ConnectionOwner& owner;
  HeadParser parser;    // of responses
  MemoryBudget budget;  // of response heads that come in pieces
  ConnectionCounters counters;
  std::vector<char> read_buffer;
  std::string write_buffer;  // where a TLS record is put together
};

class Connection final : public std::enable_shared_from_this<Connection>, private MessageHandler {
 public:
  enum class State : std::uint8_t { closed, connecting, tunnelling, handshaking, idle, busy };

  // `slot` is the owner's own number for it.
  Connection(std::shared_ptr<ConnectionContext> context, std::size_t slot);
  ~Connection() override;

  // Begins to connect to the addresses, one after the other. REQUIRES: closed; addresses not empty.
  void open(std::vector<IpAddress> addresses, std::uint16_t port);
  // Sends request(). False: the connection turned out to be closed and took no byte; it is closed now, the request is
  // untouched. REQUIRES: idle; request() is filled in.
  [[nodiscard]] bool send(MonotonicTime now);
  // Ends it without a word to the owner. Any state.
  void close();
  // Fails what has taken too long: tells the owner.
  void check_deadline(MonotonicTime now);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] std::size_t slot() const { return slot_; }
  // The owner's to fill in and to clear, used again for each request.
  [[nodiscard]] OutboundRequest& request() { return request_; }
  // The response that has just come, where responses are kept; else null. Valid during on_response().
  [[nodiscard]] HttpMessage* response() { return response_ ? &*response_ : nullptr; }
  // When the first byte of the request was written.
  [[nodiscard]] MonotonicTime sent_at() const { return sent_at_; }
  // Since when it is idle. REQUIRES: idle.
  [[nodiscard]] MonotonicTime idle_since() const { return idle_since_; }
  void rest(MonotonicTime now) { idle_since_ = now; }
  // The address it is, or was, connected to.
  [[nodiscard]] const IpAddress& address() const { return address_; }
  // The TLS session, or null: the target has none, or the connection is closed.
  [[nodiscard]] const TlsSession* tls() const { return tls_ ? &*tls_ : nullptr; }

 private:
  // connection_setup.cpp: until it is idle
  void connect_next();
  void on_tcp_connected(const boost::system::error_code& error);
  void begin_tunnel();
  void continue_tunnel();
  void begin_tls();
  void continue_handshake();
  void become_ready();
  void address_failed(const std::string& why);
  void connect_failed(const ConnectionFailure& failure);

  // connection.cpp: requests and responses
  void wait_readable();
  void receive();
  void on_received(const boost::system::error_code& error, std::size_t bytes);
  void wait_writable();
  void on_readable();
  void on_writable();
  [[nodiscard]] IoResult read_bytes();
  [[nodiscard]] IoResult write_bytes();
  [[nodiscard]] bool write_request();
  void read_response();
  [[nodiscard]] bool take_response_bytes(std::string_view bytes);
  void end_of_response_stream(bool orderly);
  void response_complete(bool reusable);
  void request_failed(LossReason reason, std::string text);
  void check_idle();
  [[nodiscard]] bool found_closed();
  [[nodiscard]] std::string peer() const;
  [[nodiscard]] std::string closed_text() const;

  [[nodiscard]] HeadDecision on_head(MessageReader& reader, const ParsedHead& head) override;
  [[nodiscard]] AfterMessage on_message(MessageReader& reader, HttpMessage&& message, MessageTimes times) override;
  void on_lost(MessageReader& reader, LostMessage&& lost) override;
  void on_other_protocol(MessageReader& reader, OtherProtocol protocol) override;

  std::shared_ptr<ConnectionContext> shared_;
  TcpSocket socket_;
  std::unique_ptr<char[]> received_;  // receive_size bytes, once it was needed
  std::optional<TlsSession> tls_;
  std::optional<TunnelReply> tunnel_;
  std::optional<MessageReader> reader_;
  OutboundRequest request_;
  std::optional<HttpMessage> response_;
  OutboundCursor cursor_;
  std::string tunnel_request_;  // what is left to write of CONNECT
  std::vector<IpAddress> addresses_;
  std::size_t next_address_ = 0;
  IpAddress address_;
  std::string address_errors_;
  boost::system::error_code error_;  // of the last read or write
  MonotonicTime deadline_{};
  MonotonicTime sent_at_{};
  MonotonicTime idle_since_{};
  std::uint64_t generation_ = 0;  // counts sockets, so that what an old one still reports is ignored
  std::size_t slot_;
  std::uint16_t port_ = 0;
  State state_ = State::closed;
  bool read_armed_ = false;
  bool write_armed_ = false;
  bool kept_ = false;             // has carried a request
  bool write_abandoned_ = false;  // the socket takes no more; an early response may still be readable
  // The response in progress.
  bool complete_ = false;
  bool persistent_ = false;
  bool bad_ = false;
  int status_ = 0;
  const char* bad_text_ = "";
};

}  // namespace understudy
