// A tunnel through an HTTP proxy: CONNECT (RFC 9110 section 9.3.6), for http and https targets alike.
//
// No sockets here: bytes to send, bytes received, and what they mean.
#pragma once

#include <string>
#include <string_view>

#include "traffic/http/message_reader.hpp"
#include "traffic/net/target.hpp"

namespace understudy {

// The head to send to the proxy, with Proxy-Authorization where its URL has a user. A secret: never printed.
[[nodiscard]] std::string connect_request(const TargetUrl& target, const TargetUrl& proxy);

// Reads the proxy's answer. Used for one answer.
class TunnelReply final : private MessageHandler {
 public:
  enum class State { reading, established, refused };

  // The names are for failure(). All references outlive the object.
  TunnelReply(const TargetUrl& target, const TargetUrl& proxy, HeadParser& parser, MemoryBudget& budget);

  // Takes the next bytes.
  [[nodiscard]] State feed(std::string_view bytes);
  // The proxy closed the connection. Never `established`.
  [[nodiscard]] State finish();

  // After `refused`: what the proxy said and what to do about it.
  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  [[nodiscard]] HeadDecision on_head(MessageReader& reader, const ParsedHead& head) override;
  [[nodiscard]] AfterMessage on_message(MessageReader& reader, HttpMessage&& message, MessageTimes times) override;
  void on_lost(MessageReader& reader, LostMessage&& lost) override;
  void on_other_protocol(MessageReader& reader, OtherProtocol protocol) override;
  void refuse(std::string why);

  const TargetUrl& target_;
  const TargetUrl& proxy_;
  MessageReader reader_;
  State state_ = State::reading;
  std::string failure_;
};

}  // namespace understudy
