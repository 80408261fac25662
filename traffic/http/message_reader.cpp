#include "traffic/http/message_reader.hpp"

#include <algorithm>
#include <utility>

#include "traffic/base/check.hpp"

namespace understudy {
void MessageHandler::on_message_in_place(MessageReader& /*reader*/, const MessageInPlace& /*message*/) {
  constexpr bool handler_takes_messages_in_place = false;
  CHECK(handler_takes_messages_in_place);
}

MessageReader::MessageReader(MessageKind kind, HeadParser& parser, MessageHandler& handler, MemoryBudget& budget,
                             bool at_boundary)
    : parser_(parser),
      handler_(handler),
      budget_(budget),
      kind_(kind),
      state_(at_boundary ? State::start : State::resync) {}

MessageReader::~MessageReader() { release_charge(); }

std::size_t MessageReader::feed(std::string_view bytes, WallTime time) {
  std::size_t taken = 0;
  at_piece_start_ = true;
  while (taken < bytes.size() && !paused_) {
    const std::size_t length = feed_some(bytes.substr(taken), time);
    if (length > 0) at_piece_start_ = false;
    taken += length;
  }
  return taken;
}

std::size_t MessageReader::feed_some(std::string_view bytes, WallTime time) {
  switch (state_) {
    case State::start: return partial_.empty() ? feed_start(bytes, time) : feed_partial_head(bytes, time);
    case State::fixed: return feed_fixed(bytes, time);
    case State::chunked: return feed_chunked(bytes, time);
    case State::until_close: return feed_until_close(bytes, time);
    case State::resync: return feed_resync(bytes);
    case State::stopped: break;
  }
  return bytes.size();
}

std::size_t MessageReader::feed_fixed(std::string_view bytes, WallTime time) {
  const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
  remaining_ -= length;
  take_body(bytes.substr(0, length), true, remaining_, time);
  if (remaining_ == 0) complete(time);
  return length;
}

std::size_t MessageReader::feed_chunked(std::string_view bytes, WallTime time) {
  const ChunkReader::Step step = chunks_.next(bytes, parser_.policy(), parser_.limits());
  const bool is_content = step.part == ChunkReader::Part::content;
  take_body(bytes.substr(0, step.length), is_content, is_content ? chunks_.remaining() : 0, time);
  if (step.part == ChunkReader::Part::end) complete(time);
  if (step.part != ChunkReader::Part::malformed) return step.length;
  lose_framing(MessageLoss::malformed, chunks_.malformation(), time);
  return bytes.size();
}

std::size_t MessageReader::feed_until_close(std::string_view bytes, WallTime time) {
  take_body(bytes, true, 0, time);
  return bytes.size();
}

std::size_t MessageReader::take_head(std::string_view behind, WallTime time) {
  const ParsedHead& head = parser_.head();
  any_message_ = true;
  const HeadDecision decision = handler_.on_head(*this, head);
  if (decision.wait) {
    if (partial_.empty() && !keep_partial(head.bytes, time)) return 0;
    paused_ = true;
    head_waits_ = true;
    return 0;
  }
  tentative_ = false;
  empty_bytes_ = 0;
  const BodyFraming framing =
      kind_ == MessageKind::request ? request_framing(head) : response_framing(head, decision.answers);
  if (decision.in_place) {
    if (const auto length = take_in_place(framing, behind, time)) return *length;
  }
  in_message_ = true;
  lost_ = false;
  retain_ = decision.retain;
  if (retain_ == Retain::nothing) {
    parser_.copy_summary_to(message_);
  } else {
    if (kind_ == MessageKind::response) parser_.lend_to(message_);  // requests do not come back
    parser_.copy_to(message_);
  }
  const std::uint64_t length = head.content_length;
  drop_partial();
  begin_body(framing, length, time);
  return 0;
}

std::optional<std::size_t> MessageReader::take_in_place(BodyFraming framing, std::string_view behind, WallTime time) {
  const ParsedHead& head = parser_.head();
  if (head.has_obs_fold || (framing != BodyFraming::none && framing != BodyFraming::content_length)) return {};
  const std::uint64_t length = framing == BodyFraming::none ? 0 : head.content_length;
  if (length > behind.size() || length > parser_.limits().body_max) return {};
  const std::string_view body = behind.substr(0, static_cast<std::size_t>(length));
  handler_.on_message_in_place(*this, {head, body, framing, first_byte_, time});
  drop_partial();
  return body.size();
}

void MessageReader::begin_body(BodyFraming framing, std::uint64_t length, WallTime time) {
  message_.framing_ = framing;
  switch (framing) {
    case BodyFraming::none: complete(time); return;
    case BodyFraming::content_length:
      if (length == 0) return complete(time);
      remaining_ = length;
      state_ = State::fixed;
      break;
    case BodyFraming::chunked:
      chunks_ = ChunkReader();
      state_ = State::chunked;
      break;
    case BodyFraming::until_close: state_ = State::until_close; break;
  }
  if (framing == BodyFraming::content_length && retain_ == Retain::all && length > parser_.limits().body_max)
    return over_limit(MessageLoss::body_too_large, time);
  const std::size_t memory = message_.memory();
  if (retain_ == Retain::nothing) return;
  if (!budget_.try_take(memory)) return over_limit(MessageLoss::memory, time);
  charged_ += memory;
}

void MessageReader::take_body(std::string_view bytes, bool is_content, std::uint64_t expected, WallTime time) {
  if (lost_ || bytes.empty()) return;
  Body& body = message_.body_;
  if (retain_ != Retain::all) return body.count(bytes.size(), is_content);
  if (body.wire_size() + bytes.size() > parser_.limits().body_max) {
    over_limit(MessageLoss::body_too_large, time);
    if (!lost_) body.count(bytes.size(), is_content);
    return;
  }
  const std::size_t before = body.memory();
  body.append(bytes, is_content, expected);
  const std::size_t more = body.memory() - before;
  if (more == 0) return;
  if (budget_.try_take(more))
    charged_ += more;
  else
    over_limit(MessageLoss::memory, time);
}

// The message in progress does not fit. A request is lost: it is never sent on short. A response stays of use without
// its body, whose bytes are only counted from here on.
void MessageReader::over_limit(MessageLoss reason, WallTime time) {
  if (kind_ == MessageKind::request) return tell_lost(reason, false, Malformation::start_line, time);
  retain_ = Retain::head;
  message_.body_.forget_bytes();
  release_charge();
}

void MessageReader::complete(WallTime time) {
  state_ = State::start;
  in_message_ = false;
  release_charge();
  if (lost_) {
    lost_ = false;
    return;
  }
  const AfterMessage after = handler_.on_message(*this, std::move(message_), {first_byte_, time});
  message_.body_.clear();
  if (!message_.head_.empty()) message_ = HttpMessage();  // the handler left it
  if (after == AfterMessage::pause) paused_ = true;
  if (after == AfterMessage::stop) stop();
}

// Tells the loss of the message in progress, or of what was about to begin.
void MessageReader::tell_lost(MessageLoss reason, bool framing_lost, Malformation malformation, WallTime time) {
  LostMessage lost;
  lost.reason = reason;
  lost.malformation = malformation;
  lost.head_complete = in_message_;
  lost.told_before = lost_;
  lost.framing_lost = framing_lost;
  lost.times = {first_byte_, time};
  if (in_message_) lost.message = std::move(message_);
  message_.body_.clear();
  release_charge();
  lost_ = in_message_;
  handler_.on_lost(*this, std::move(lost));
}

// What was begun is lost, and with it where the next message begins.
void MessageReader::lose_framing(MessageLoss reason, Malformation malformation, WallTime time) {
  drop_partial();
  state_ = State::resync;
  any_piece_ = true;
  empty_bytes_ = 0;
  tell_lost(reason, true, malformation, time);
  in_message_ = false;
  lost_ = false;
  tentative_ = false;
}

void MessageReader::gap(std::uint64_t length, bool truncated, WallTime time) {
  CHECK(!paused_);
  const MessageLoss reason = truncated ? MessageLoss::truncated : MessageLoss::gap;
  switch (state_) {
    case State::stopped: return;
    case State::resync: any_piece_ = true; return;
    case State::start:
      if (tentative_) {
        drop_partial();
        tentative_ = false;
        state_ = State::resync;
        return;
      }
      if (partial_.empty()) first_byte_ = time;
      return lose_framing(reason, Malformation::start_line, time);
    case State::until_close:
      if (!lost_) tell_lost(reason, false, Malformation::start_line, time);
      return;
    case State::fixed:
      if (!lost_) tell_lost(reason, false, Malformation::start_line, time);
      if (length <= remaining_) {
        remaining_ -= length;
        if (remaining_ == 0) complete(time);
        return;
      }
      // The gap reaches into another message.
      complete(time);
      first_byte_ = time;
      return lose_framing(reason, Malformation::start_line, time);
    case State::chunked:
      if (!chunks_.skip(length)) return lose_framing(reason, Malformation::start_line, time);
      if (!lost_) tell_lost(reason, false, Malformation::start_line, time);
      return;
  }
}

void MessageReader::finish(bool orderly, WallTime time) {
  paused_ = false;
  head_waits_ = false;
  const bool ends_with_stream = state_ == State::until_close && orderly;
  if (ends_with_stream) {
    complete(time);
  } else if (state_ == State::start && !partial_.empty() && !tentative_) {
    // A first line that never came whole, of a stream that said nothing else: it need not be HTTP.
    if (!any_message_ && match_start(kind_, partial_) == StartMatch::no && partial_.find('\n') == std::string::npos)
      tell_other(OtherProtocol::unknown);
    else
      lose_framing(MessageLoss::ended, Malformation::start_line, time);
  } else if (in_message_ && !lost_) {
    lose_framing(MessageLoss::ended, Malformation::start_line, time);
  }
  stop();
}

void MessageReader::resume(WallTime time) {
  paused_ = false;
  if (!std::exchange(head_waits_, false)) return;
  const HeadParser::Outcome outcome = parser_.parse(kind_, partial_);
  CHECK(outcome.status == HeadParser::Status::complete);
  static_cast<void>(take_head({}, time));
}

void MessageReader::stop() {
  state_ = State::stopped;
  paused_ = false;
  head_waits_ = false;
  in_message_ = false;
  lost_ = false;
  drop_partial();
  release_charge();
  message_ = HttpMessage();
}

void MessageReader::drop_partial() {
  release_charge();
  if (partial_.capacity() > 0) std::string().swap(partial_);
}

void MessageReader::release_charge() {
  if (charged_ == 0) return;  // most messages; giving nothing would still write to what all threads share
  budget_.give(charged_);
  charged_ = 0;
}

}  // namespace understudy
