// Frames the messages of one direction of a connection (RFC 9112 section 6.3), in whatever pieces the bytes arrive.
//
// A push parser: feed() bytes in order, gap() where bytes are missing, finish() at the end. It tells its handler each
// head, each complete message, and each message that is lost, once. Any segmentation of the same bytes gives the same
// messages.
//
//   MessageReader reader(MessageKind::response, parser, handler, budget);
//   reader.feed(bytes, time);     // -> handler.on_head(...), handler.on_message(...)
//
// What is kept of a message is decided by the handler at its head, so that nothing is stored that nobody wants: with
// Retain::nothing a whole head inside one piece is parsed where it lies, and no byte is copied.
//
// Bounds: FramingLimits for one message; the budget for all readers that share it. What is over a limit is skipped to
// the message's end, and the message behind it survives.
//
// A gap inside a body of declared length (or inside a chunk) is skipped through: the message is lost, framing goes on
// exactly. Any other gap, and malformed bytes, lose the framing: the reader looks for a plausible message start at the
// beginning of the pieces that follow (see FramingPolicy::resync_inside_segment).
//
// Lifetime: parser, handler and budget outlive the reader. Thread safety: none; one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "traffic/base/clock.hpp"
#include "traffic/http/chunk_reader.hpp"
#include "traffic/http/head_parser.hpp"
#include "traffic/http/memory_budget.hpp"
#include "traffic/http/message.hpp"
#include "traffic/http/message_in_place.hpp"

namespace understudy {

class MessageReader;

// How much of a message is kept.
enum class Retain : std::uint8_t {
  all,      // head and body
  head,     // the head; body bytes are counted
  nothing,  // status, version, framing and the body's size
};

struct HeadDecision {
  Retain retain = Retain::all;
  // The message is told by on_message_in_place(), and not kept, if it is whole in this piece.
  bool in_place = false;
  Answers answers = Answers::ordinary;  // responses: what they answer
  // Stop in front of this message: feed() returns, the head stays in the reader, and resume() asks again.
  bool wait = false;
};

enum class AfterMessage : std::uint8_t {
  next,   // go on
  pause,  // feed() returns behind this message; resume() goes on
  stop,   // this direction is no HTTP any more; all that follows is ignored
};

struct MessageTimes {
  WallTime first_byte;
  WallTime last_byte;
};

enum class MessageLoss : std::uint8_t {
  gap,        // bytes are missing
  truncated,  // bytes are missing because packets were cut by the snap length
  malformed,
  head_too_large,
  body_too_large,
  memory,  // the budget was used up
  ended,   // the stream ended inside it
};

struct LostMessage {
  MessageLoss reason = MessageLoss::gap;
  Malformation malformation = Malformation::start_line;  // when malformed
  bool head_complete = false;                            // on_head was called for it
  bool told_before = false;                              // told already; now its framing is lost too
  bool framing_lost = false;  // it is unknown where the next message begins; false: reading goes on exactly behind it
  HttpMessage message;        // when head_complete: what was retained so far
  MessageTimes times;
};

// What a connection turned out to carry instead of HTTP/1.x.
enum class OtherProtocol : std::uint8_t {
  http2,    // the connection preface of RFC 9113 section 3.4. The rest of the stream is ignored
  tls,      // a ClientHello or ServerHello record. The rest of the stream is ignored
  unknown,  // the first bytes are no message start. A plausible one later is still picked up
};

// Receives what a reader finds. May pause and stop the reader by its return values; must not call it from within.
class MessageHandler {
 public:
  virtual ~MessageHandler() = default;

  // A head is complete. The view is dead when the call returns.
  [[nodiscard]] virtual HeadDecision on_head(MessageReader& reader, const ParsedHead& head) = 0;
  // A message is complete, interim responses (1xx) included.
  [[nodiscard]] virtual AfterMessage on_message(MessageReader& reader, HttpMessage&& message, MessageTimes times) = 0;
  // The same for one whose head's decision was in_place, where that could be. The message is dead when the call
  // returns. REQUIRES: a handler that decides so overrides it; else the message would be lost without a word.
  virtual void on_message_in_place(MessageReader& reader, const MessageInPlace& message);
  // A message that began will not complete. Called once for it, and a second time (told_before) when framing is lost in
  // what was still to be skipped of it. With head_complete false also for a gap between messages.
  virtual void on_lost(MessageReader& reader, LostMessage&& lost) = 0;
  // Called at most once.
  virtual void on_other_protocol(MessageReader& reader, OtherProtocol protocol) = 0;
};

class MessageReader {
 public:
  // `at_boundary`: the first byte begins a message. False for a stream joined in the middle; bytes before the first
  // message start are then skipped, and are no loss.
  MessageReader(MessageKind kind, HeadParser& parser, MessageHandler& handler, MemoryBudget& budget,
                bool at_boundary = true);
  ~MessageReader();
  MessageReader(const MessageReader&) = delete;
  MessageReader& operator=(const MessageReader&) = delete;

  // Takes the next bytes. Returns how many were taken: all, unless the reader is paused; the caller then keeps the
  // rest, and feeds it again after resume().
  [[nodiscard]] std::size_t feed(std::string_view bytes, WallTime time);
  // Bytes that will never come. REQUIRES: not paused().
  void gap(std::uint64_t length, bool truncated, WallTime time);
  // The stream has ended. A body that ends with the connection is complete if `orderly` (FIN), else lost; any other
  // message in progress is lost to MessageLoss::ended. Nothing may be fed afterwards.
  void finish(bool orderly, WallTime time);

  // Goes on after a pause. May pause again at once, when a head waits and the handler still lets it wait.
  void resume(WallTime time);
  // Ignores all that follows. What was begun is forgotten without a call.
  void stop();

  [[nodiscard]] MessageKind kind() const { return kind_; }
  [[nodiscard]] bool paused() const { return paused_; }
  [[nodiscard]] bool stopped() const { return state_ == State::stopped; }
  // Between two messages, with nothing begun.
  [[nodiscard]] bool at_boundary() const { return state_ == State::start && partial_.empty(); }
  // Looking for a message start.
  [[nodiscard]] bool resyncing() const { return state_ == State::resync; }
  // Bytes of no message that were passed over while looking for a message start.
  [[nodiscard]] std::uint64_t bytes_skipped() const { return bytes_skipped_; }

 private:
  enum class State : std::uint8_t {
    start,  // at a message boundary, or within a head when partial_ is not empty
    fixed,  // body of declared length
    chunked,
    until_close,
    resync,
    stopped,
  };

  // Each feed_ function takes a piece from the front, and returns its length. Zero only when the state has changed.
  [[nodiscard]] std::size_t feed_some(std::string_view bytes, WallTime time);
  [[nodiscard]] std::size_t feed_start(std::string_view bytes, WallTime time);
  [[nodiscard]] std::size_t feed_partial_head(std::string_view bytes, WallTime time);
  [[nodiscard]] std::size_t feed_fixed(std::string_view bytes, WallTime time);
  [[nodiscard]] std::size_t feed_chunked(std::string_view bytes, WallTime time);
  [[nodiscard]] std::size_t feed_until_close(std::string_view bytes, WallTime time);
  [[nodiscard]] std::size_t feed_resync(std::string_view bytes);

  [[nodiscard]] std::size_t find_head_end(std::string_view bytes) const;
  [[nodiscard]] bool keep_partial(std::string_view bytes, WallTime time);
  [[nodiscard]] bool check_partial(WallTime time);
  void refuse_start(std::string_view bytes, Malformation malformation, WallTime time);
  [[nodiscard]] bool is_other_protocol(std::string_view bytes);
  void tell_other(OtherProtocol protocol);

  // Takes parser_.head(), and what belongs to its message of the bytes behind it in this piece. Returns how many.
  [[nodiscard]] std::size_t take_head(std::string_view behind, WallTime time);
  // Tells it in place, and returns its body's length; or nothing, when it is not whole.
  [[nodiscard]] std::optional<std::size_t> take_in_place(BodyFraming framing, std::string_view behind, WallTime time);
  void begin_body(BodyFraming framing, std::uint64_t length, WallTime time);
  void take_body(std::string_view bytes, bool is_content, std::uint64_t expected, WallTime time);
  void over_limit(MessageLoss reason, WallTime time);
  void complete(WallTime time);
  void tell_lost(MessageLoss reason, bool framing_lost, Malformation malformation, WallTime time);
  void lose_framing(MessageLoss reason, Malformation malformation, WallTime time);
  void drop_partial();
  void release_charge();

  HeadParser& parser_;
  MessageHandler& handler_;
  MemoryBudget& budget_;
  HttpMessage message_;
  ChunkReader chunks_;
  std::string partial_;          // a head that did not come in one piece
  std::size_t charged_ = 0;      // taken from the budget for partial_ and the body
  std::size_t check_at_ = 0;     // of partial_: the size at which it is looked at again before its end is there
  std::uint64_t remaining_ = 0;  // State::fixed: bytes still to come
  std::uint64_t bytes_skipped_ = 0;
  WallTime first_byte_;
  std::uint32_t empty_bytes_ = 0;  // of empty lines before this message
  MessageKind kind_;
  State state_ = State::start;
  Retain retain_ = Retain::all;
  bool lost_ = false;                // the message in progress was told as lost; its rest is skipped
  bool in_message_ = false;          // a head was taken, and its message is not complete
  bool first_line_checked_ = false;  // of partial_
  bool tentative_ = false;           // partial_ began while looking for a message start
  bool any_message_ = false;         // some head was read on this stream
  bool any_piece_ = false;           // bytes were skipped, or a gap was told, while no framing was known
  bool told_other_ = false;
  bool paused_ = false;
  bool head_waits_ = false;      // paused in front of the whole head in partial_
  bool at_piece_start_ = false;  // nothing was taken of the piece that feed() was given
};

}  // namespace understudy
