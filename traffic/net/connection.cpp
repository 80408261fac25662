#include "traffic/net/connection.hpp"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "traffic/base/check.hpp"

namespace understudy {
namespace {

using boost::asio::ip::tcp;

constexpr std::size_t read_buffer_size = 64U << 10;
constexpr std::size_t receive_size = 8U << 10;
constexpr std::size_t tls_record_max = 16U << 10;
constexpr std::size_t response_heads_memory_max = 8U << 20;
// A large response is read so many times before other connections have their turn.
constexpr int reads_in_a_row_max = 16;
constexpr const char* answers_with_tls = "it answers with TLS; use https:// in the target's URL";
// The target may have closed a connection that rested so long; it is looked at before it is used.
constexpr Nanoseconds look_before_use_after = std::chrono::milliseconds(50);

// A body over the limit is counted, not kept; nothing is kept of any where the limit is zero.
[[nodiscard]] FramingLimits response_limits(std::uint64_t keep_max) {
  FramingLimits limits;
  limits.body_max = keep_max == 0 ? std::numeric_limits<std::uint64_t>::max() : keep_max;
  return limits;
}

}  // namespace

ConnectionContext::ConnectionContext(boost::asio::io_context& context, const Clock& clock_in_use,
                                     const SenderOptions& sender_options, ConnectionOwner& connection_owner)
    : io(context),
      clock(clock_in_use),
      options(sender_options),
      owner(connection_owner),
      parser(FramingPolicy{}, response_limits(sender_options.keep_response_max)),
      budget(sender_options.keep_response_max == 0 ? response_heads_memory_max : sender_options.keep_memory_max),
      read_buffer(read_buffer_size) {}

Connection::Connection(std::shared_ptr<ConnectionContext> context, std::size_t slot)
    : shared_(std::move(context)), socket_(shared_->io), slot_(slot) {}

Connection::~Connection() = default;

void Connection::close() {
  ++generation_;
  state_ = State::closed;
  read_armed_ = false;
  write_armed_ = false;
  reader_.reset();
  tunnel_.reset();
  tls_.reset();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

std::string Connection::peer() const {
  const SenderOptions& options = shared_->options;
  return options.proxy ? fmt::format("proxy {}", options.proxy->display()) : options.target.display();
}

void Connection::check_deadline(MonotonicTime now) {
  if (state_ == State::closed || state_ == State::idle || now < deadline_) return;
  const auto seconds = [](Nanoseconds time) { return std::chrono::duration<double>(time).count(); };
  const SenderOptions& options = shared_->options;
  switch (state_) {
    case State::connecting: return address_failed(fmt::format("no answer in {} s", seconds(options.connect_timeout)));
    case State::tunnelling:
      return connect_failed({LossReason::proxy_refused, fmt::format("{}: no answer to CONNECT in {} s", peer(),
                                                                    seconds(options.connect_timeout))});
    case State::handshaking:
      return connect_failed(
          {LossReason::tls_failed, fmt::format("TLS with {} failed: no answer in {} s; is it a TLS port?",
                                               options.target.authority(), seconds(options.connect_timeout))});
    default:
      return request_failed(
          LossReason::timed_out,
          fmt::format("{}: no whole response in {} s", options.target.display(), seconds(options.response_timeout)));
  }
}

void Connection::wait_readable() {
  if (read_armed_) return;
  read_armed_ = true;
  if (!tls_ && (state_ == State::idle || state_ == State::busy)) return receive();
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this(), generation = generation_](const auto&) {
    if (generation != self->generation_) return;
    self->read_armed_ = false;
    self->on_readable();
  });
}

// Waiting and receiving in one: the loop's reactor receives as soon as there is something. The buffer is this
// connection's own, since bytes that are there at once are given later, when others may have received meanwhile.
void Connection::receive() {
  if (!received_) received_ = std::make_unique<char[]>(receive_size);
  socket_.async_receive(boost::asio::buffer(received_.get(), receive_size),
                        [self = shared_from_this(), generation = generation_](const auto& error, std::size_t bytes) {
                          if (generation != self->generation_) return;
                          self->read_armed_ = false;
                          self->on_received(error, bytes);
                        });
}

void Connection::on_received(const boost::system::error_code& error, std::size_t bytes) {
  if (state_ == State::idle) {
    // The target's end, or bytes that answer no request: it is out of step.
    close();
    return shared_->owner.on_idle_closed(*this);
  }
  if (error) {
    error_ = error;
    return end_of_response_stream(error == boost::asio::error::eof);
  }
  shared_->counters.bytes_received.add(bytes);
  if (take_response_bytes({received_.get(), bytes})) return;
  if (bytes == receive_size) return read_response();
  wait_readable();
}

void Connection::wait_writable() {
  if (write_armed_) return;
  write_armed_ = true;
  socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this(), generation = generation_](const auto&) {
    if (generation != self->generation_) return;
    self->write_armed_ = false;
    self->on_writable();
  });
}

void Connection::on_readable() {
  switch (state_) {
    case State::tunnelling: return continue_tunnel();
    case State::handshaking: return continue_handshake();
    case State::idle: return check_idle();
    case State::busy: return read_response();
    case State::closed:
    case State::connecting: return;
  }
}

void Connection::on_writable() {
  switch (state_) {
    case State::tunnelling: return continue_tunnel();
    case State::handshaking: return continue_handshake();
    case State::busy:
      if (!write_request())
        request_failed(LossReason::connection_lost, fmt::format("{} closed the connection", peer()));
      return;
    case State::idle:
    case State::closed:
    case State::connecting: return;
  }
}

IoResult Connection::read_bytes() {
  if (tls_) return tls_->read_some(shared_->read_buffer);
  return read_some(socket_, shared_->read_buffer, error_);
}

IoResult Connection::write_bytes() {
  if (tls_) {
    cursor_.copy_next(shared_->write_buffer, tls_record_max);
    return tls_->write_some(shared_->write_buffer);
  }
  OutboundCursor::Buffers buffers;
  return write_some(socket_, cursor_.next(buffers), error_);
}

bool Connection::send(MonotonicTime now) {
  CHECK(state_ == State::idle);
  if (now - idle_since_ > look_before_use_after && found_closed()) {
    close();
    return false;
  }
  state_ = State::busy;
  sent_at_ = now;
  deadline_ = now + shared_->options.response_timeout;
  write_abandoned_ = false;
  complete_ = false;
  bad_ = false;
  cursor_.begin(request_);
  if (write_request()) return true;
  close();
  return false;
}

// Writes what the socket takes. False: it is broken, and took no byte of the request.
bool Connection::write_request() {
  while (!cursor_.done()) {
    const IoResult written = write_bytes();
    switch (written.status) {
      case IoStatus::ok:
        cursor_.advance(written.bytes);
        shared_->counters.bytes_sent.add(written.bytes);
        continue;
      case IoStatus::want_write: wait_writable(); return true;
      case IoStatus::want_read: return true;  // TLS; the read wait is always armed
      case IoStatus::closed:
      case IoStatus::failed:
        if (!cursor_.begun()) return false;  // with TLS at most a part of a record went out, which nobody can read
        // A target that refuses a large body answers before it has read it: the answer may be waiting. The broken
        // socket is readable, so the read finds either the answer or the error.
        write_abandoned_ = true;
        return true;
    }
  }
  shared_->counters.requests_sent.add();
  return true;
}

void Connection::read_response() {
  for (int reads = 0; reads < reads_in_a_row_max; ++reads) {
    const IoResult read = read_bytes();
    switch (read.status) {
      case IoStatus::ok:
        shared_->counters.bytes_received.add(read.bytes);
        if (take_response_bytes({shared_->read_buffer.data(), read.bytes})) return;
        // A buffer that was not filled was the last of it: no need to be told so by another read. TLS holds records
        // back.
        if (!tls_ && read.bytes < shared_->read_buffer.size()) return wait_readable();
        continue;
      case IoStatus::want_read:
        // TLS reads may be what a write was waiting for.
        if (tls_ && !cursor_.done() && !write_abandoned_ && !write_armed_ && !write_request()) {
          return request_failed(LossReason::connection_lost, closed_text());
        }
        return wait_readable();
      case IoStatus::want_write: wait_writable(); return wait_readable();
      case IoStatus::closed: return end_of_response_stream(true);
      case IoStatus::failed: return end_of_response_stream(false);
    }
  }
  wait_readable();
}

// True when the request is finished, one way or the other.
bool Connection::take_response_bytes(std::string_view bytes) {
  const std::size_t taken = reader_->feed(bytes, WallTime{});
  if (complete_) {
    const bool clean = taken == bytes.size() && !bad_ && reader_->at_boundary() && !reader_->stopped();
    response_complete(clean && persistent_ && cursor_.done());
    return true;
  }
  if (bad_) {
    // An alert record: what OpenSSL answers to plain text.
    if (bytes.starts_with("\x15\x03")) bad_text_ = answers_with_tls;
    request_failed(LossReason::bad_response, fmt::format("{}: {}", shared_->options.target.display(), bad_text_));
    return true;
  }
  return false;
}

void Connection::end_of_response_stream(bool orderly) {
  reader_->finish(orderly, WallTime{});
  if (complete_) return response_complete(false);
  const std::string why = orderly ? "" : ": " + (tls_ ? tls_->failure() : error_.message());
  request_failed(tls_ && tls_->refused() ? LossReason::tls_failed : LossReason::connection_lost, closed_text() + why);
}

std::string Connection::closed_text() const {
  return fmt::format("{} ended the connection before the response was whole", shared_->options.target.display());
}

void Connection::response_complete(bool reusable) {
  const int status = status_;
  if (reusable) {
    state_ = State::idle;
    kept_ = true;
  } else {
    close();
  }
  shared_->owner.on_response(*this, status);
  response_.reset();
  if (state_ == State::idle || state_ == State::busy) wait_readable();
}

void Connection::request_failed(LossReason reason, std::string text) {
  const bool untouched = !cursor_.begun();
  close();
  shared_->owner.on_request_failed(*this, {reason, std::move(text), untouched});
}

// An idle connection became readable: the target closed it, or TLS has something to say.
void Connection::check_idle() {
  if (!found_closed()) return wait_readable();
  close();
  shared_->owner.on_idle_closed(*this);
}

bool Connection::found_closed() {
  // Bytes that answer no request are as bad as the end: the connection is out of step.
  if (tls_) return tls_->read_some(shared_->read_buffer).status != IoStatus::want_read;
  char byte = 0;
  boost::system::error_code error;
  const std::size_t bytes = socket_.receive(boost::asio::buffer(&byte, 1), tcp::socket::message_peek, error);
  return !error ? bytes > 0 : error != boost::asio::error::would_block;
}

HeadDecision Connection::on_head(MessageReader& /*reader*/, const ParsedHead& head) {
  if (complete_) bad_ = true;  // a second response to one request
  persistent_ = head.persistent() && !request_.asks_for_close;
  const Answers answers = request_.is_head ? Answers::head : Answers::ordinary;
  return {.retain = shared_->options.keep_response_max == 0 ? Retain::nothing : Retain::all, .answers = answers};
}

AfterMessage Connection::on_message(MessageReader& /*reader*/, HttpMessage&& message, MessageTimes /*times*/) {
  if (message.status() < 200 && message.status() != 101) return AfterMessage::next;
  complete_ = true;
  status_ = message.status();
  if (message.framing() == BodyFraming::until_close) persistent_ = false;
  if (shared_->options.keep_response_max != 0) response_ = std::move(message);
  // Behind 101 the connection speaks another protocol.
  return status_ == 101 ? AfterMessage::stop : AfterMessage::next;
}

void Connection::on_lost(MessageReader& /*reader*/, LostMessage&& lost) {
  if (complete_ || lost.reason == MessageLoss::ended) return;
  bad_ = true;
  bad_text_ =
      lost.reason == MessageLoss::head_too_large ? "the response's head is too large" : "the response is not HTTP/1.x";
}

void Connection::on_other_protocol(MessageReader& /*reader*/, OtherProtocol protocol) {
  bad_ = true;
  bad_text_ = protocol == OtherProtocol::tls     ? answers_with_tls
              : protocol == OtherProtocol::http2 ? "it answers with HTTP/2; a target must speak HTTP/1.1"
                                                 : "the response is not HTTP/1.x";
}

}  // namespace understudy
