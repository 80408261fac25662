// What a Sender sends, where it gets it from, and what became of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/http/message.hpp"
#include "traffic/observe/ledger.hpp"

namespace understudy {

// One request as it goes out. Owned by the connection that sends it and used again for the next one, so that the
// buffers of `head` and `body` are allocated once a connection.
struct OutboundRequest {
  std::string head;                    // serialised, through the empty line
  std::vector<std::string_view> body;  // the wire bytes that follow; they live as long as `owner`
  std::shared_ptr<const void> owner;
  std::uint64_t session = 0;    // production's session, for affinity
  WallTime captured_at;         // packet time of the request's last byte; the epoch: it was not captured just now
  bool is_head = false;         // method HEAD: its response has no body (RFC 9112 section 6.3)
  bool asks_for_close = false;  // the target will close the connection after its response
  std::uint64_t memory = 0;     // what it counts against the queue's limit
  unsigned worker = 0;          // whose queue it came from
  unsigned resends = 0;         // connections that took no byte of it
  std::uint64_t ticket = 0;     // the source's own number for it; the sender only keeps it
  MonotonicTime sent_at{};      // when its first byte was offered to the connection; the epoch: never

  [[nodiscard]] std::uint64_t wire_size() const {
    std::uint64_t size = head.size();
    for (const std::string_view slice : body) size += slice.size();
    return size;
  }
  // Lets go of the request, keeps the buffers.
  void clear() {
    head.clear();
    body.clear();
    owner.reset();
    resends = 0;
    sent_at = {};
  }
};

// The whole response came.
struct Delivered {
  int status = 0;
  Nanoseconds latency{};  // first byte written until last byte read
  // Where SenderOptions::keep_response_max asks for it: the source's to move from, during finished(). Else null.
  HttpMessage* response = nullptr;
};
using Outcome = std::variant<Delivered, LossReason>;

// The queue's side of a Sender. Called on the loop's thread only.
class RequestSource {
 public:
  virtual ~RequestSource() = default;

  // How many requests next() would give now. Zero: the source calls Sender::wake when there is one again.
  [[nodiscard]] virtual std::uint64_t waiting() = 0;
  // Takes the oldest request and serialises it into `out`, which is clear. False: there is none, and wake() will come.
  [[nodiscard]] virtual bool next(OutboundRequest& out) = 0;
  // A connection is there for a request that next() gave: the last moment to serialise it, for a source whose requests
  // depend on earlier responses. Called again when the connection took no byte. False: it cannot be sent, and is lost
  // to not_forwardable.
  [[nodiscard]] virtual bool prepare(OutboundRequest& /*out*/) { return true; }
  // Called once for each request that next() gave.
  virtual void finished(const OutboundRequest& request, const Outcome& outcome) = 0;
  // Takes every queued request off and counts it as lost to `reason`.
  virtual void discard_queue(LossReason reason) = 0;
};

}  // namespace understudy
