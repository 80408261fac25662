// What capture produces: a request as soon as it is complete, and the exchange when its response has ended.
//
// Both are immutable once published and shared between those sinks that keep them by shared_ptr; each lives as long as
// a sink holds it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "traffic/base/clock.hpp"
#include "traffic/base/endpoint.hpp"
#include "traffic/base/memory_pool.hpp"
#include "traffic/http/message.hpp"

namespace understudy {

// One client connection of production. Ids are unique within a run of the agent, never reused.
using SessionId = std::uint64_t;

struct CapturedRequest {
  SessionId session = 0;
  std::uint32_t index_in_session = 0;  // 0 for the first request that was seen on the connection
  Endpoint client;
  Endpoint server;
  WallTime first_byte;  // packet time of the head's first byte
  WallTime last_byte;   // packet time of the last byte
  HttpMessage message;
  MemoryLease lease;  // of memory(), where a pool bounds all messages together

  // Bytes of memory held, for limits of queues.
  [[nodiscard]] std::size_t memory() const { return sizeof *this + message.memory(); }
};

struct CapturedResponse {
  WallTime first_byte;
  WallTime last_byte;
  HttpMessage message;   // the final response; interim ones (1xx) are counted, not kept
  bool complete = true;  // false: the capture or the connection ended inside it
  MemoryLease lease{};   // while somebody keeps it
};

struct Exchange {
  std::shared_ptr<const CapturedRequest> request;
  std::optional<CapturedResponse> response;  // empty: none was seen

  [[nodiscard]] std::size_t memory() const {
    return sizeof *this + request->memory() + (response ? response->message.memory() : 0);
  }
};

using RequestPtr = std::shared_ptr<const CapturedRequest>;
using ExchangePtr = std::shared_ptr<const Exchange>;

// An exchange while outputs look at it, one after another, in one thread. It is moved to the heap, and its response
// counted in the pool of all messages, only when one of them wants to keep it; most take what they need and leave it.
class OfferedExchange {
 public:
  // Borrows; share() moves from it. Both outlive this. The pool may be null: no bound.
  OfferedExchange(Exchange& exchange, MemoryPool* pool) : own_(&exchange), pool_(pool) {}
  explicit OfferedExchange(ExchangePtr shared) : shared_(std::move(shared)) {}

  [[nodiscard]] const Exchange& operator*() const { return own_ != nullptr ? *own_ : *shared_; }
  [[nodiscard]] const Exchange* operator->() const { return &**this; }
  // The same for everybody who asks. Views of the exchange that were made before end. A response that the pool has no
  // room for is dropped.
  [[nodiscard]] const ExchangePtr& share() {
    if (own_ != nullptr) {
      if (own_->response && !own_->response->lease.is_taken()) lease_response();
      shared_ = std::make_shared<Exchange>(std::move(*std::exchange(own_, nullptr)));
    }
    return shared_;
  }
  [[nodiscard]] bool is_shared() const { return own_ == nullptr; }
  [[nodiscard]] bool has_dropped_response() const { return has_dropped_response_; }

 private:
  void lease_response() {
    auto lease = MemoryLease::take(pool_, own_->response->message.memory());
    has_dropped_response_ = !lease;
    if (lease)
      own_->response->lease = std::move(*lease);
    else
      own_->response.reset();
  }

  Exchange* own_ = nullptr;
  MemoryPool* pool_ = nullptr;
  bool has_dropped_response_ = false;
  ExchangePtr shared_;
};

}  // namespace understudy
