#include "traffic/net/connect_tunnel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace understudy {
namespace {

constexpr std::size_t reason_length_max = 120;

// A proxy's words are hostile: printable ASCII only, and not many of them.
[[nodiscard]] std::string printable(std::string_view text) {
  std::string result(text.substr(0, reason_length_max));
  std::replace_if(
      result.begin(), result.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return result;
}

[[nodiscard]] std::string hint(int status, const TargetUrl& target, const TargetUrl& proxy) {
  switch (status) {
    case 407:
      return proxy.credentials ? "it does not accept the user and password given"
                               : "give a user and a password: http://user:password@proxy:port";
    case 403:
      return fmt::format("its rules do not allow CONNECT to {}; ask for port {} to be allowed", target.authority(),
                         target.port);
    case 405:
    case 501: return "it does not know CONNECT; use a proxy that tunnels";
    case 502:
    case 503:
    case 504:
      return fmt::format("it cannot reach {} itself; check the name and the port from the proxy's side",
                         target.authority());
    default: return "check the proxy's own log";
  }
}

}  // namespace

std::string connect_request(const TargetUrl& target, const TargetUrl& proxy) {
  const std::string authority = target.authority();
  std::string head = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", authority);
  if (proxy.credentials) head += fmt::format("Proxy-Authorization: {}\r\n", proxy.credentials->basic_authorization());
  head += "\r\n";
  return head;
}

TunnelReply::TunnelReply(const TargetUrl& target, const TargetUrl& proxy, HeadParser& parser, MemoryBudget& budget)
    : target_(target), proxy_(proxy), reader_(MessageKind::response, parser, *this, budget) {}

TunnelReply::State TunnelReply::feed(std::string_view bytes) {
  const std::size_t taken = reader_.feed(bytes, WallTime{});
  // Neither HTTP nor TLS servers speak first, so bytes behind the answer are not the target's.
  if (state_ == State::established && taken < bytes.size()) refuse("it sent bytes behind its answer to CONNECT");
  return state_;
}

TunnelReply::State TunnelReply::finish() {
  if (state_ == State::reading) refuse("it closed the connection without an answer to CONNECT; is it an HTTP proxy?");
  return state_;
}

HeadDecision TunnelReply::on_head(MessageReader& /*reader*/, const ParsedHead& head) {
  // The body of a refusal is not waited for: the connection is closed anyway.
  if (head.status >= 300) {
    refuse(fmt::format("it answered {} {}; {}", head.status, printable(head.text(head.target)),
                       hint(head.status, target_, proxy_)));
  }
  return {.retain = Retain::nothing, .answers = Answers::connect};
}

AfterMessage TunnelReply::on_message(MessageReader& /*reader*/, HttpMessage&& message, MessageTimes /*times*/) {
  if (message.status() < 200) return AfterMessage::next;
  if (state_ == State::reading) state_ = State::established;
  return AfterMessage::pause;
}

void TunnelReply::on_lost(MessageReader& /*reader*/, LostMessage&& /*lost*/) {
  if (state_ == State::reading) refuse("its answer to CONNECT is not HTTP");
}

void TunnelReply::on_other_protocol(MessageReader& /*reader*/, OtherProtocol /*protocol*/) {
  if (state_ == State::reading) refuse("its answer to CONNECT is not HTTP; is it an HTTP proxy?");
}

void TunnelReply::refuse(std::string why) {
  state_ = State::refused;
  failure_ = fmt::format("proxy {}: {}", proxy_.display(), why);
}

}  // namespace understudy
