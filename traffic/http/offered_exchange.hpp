// An exchange while outputs look at it, one after another, in one thread.
//
// Most outputs take what they need and leave it, so it costs only what somebody asks for: a response that lies in the
// capture's buffer is copied out of it when an output wants the exchange as a whole, and the exchange goes to the heap,
// and is counted in the pool of all messages, when one wants to keep it.
//
// Thread safety: none.
#pragma once

#include <memory>
#include <optional>

#include "traffic/base/memory_pool.hpp"
#include "traffic/http/exchange.hpp"
#include "traffic/http/head_parser.hpp"
#include "traffic/http/message_in_place.hpp"

namespace understudy {

class OfferedExchange {
 public:
  // Moves from the exchange, of which the response, if nobody keeps it, goes back to the parser. Parser and pool
  // outlive this; the pool may be null: no bound.
  OfferedExchange(Exchange& exchange, HeadParser& parser, MemoryPool* pool)
      : own_(&exchange), parser_(&parser), pool_(pool) {}
  // The response outlives this, and so does the head in the parser that it refers to.
  OfferedExchange(RequestPtr request, const MessageInPlace& response, HeadParser& parser, MemoryPool* pool)
      : local_{std::move(request), std::nullopt}, own_(&local_), in_place_(&response), parser_(&parser), pool_(pool) {}
  // One that is shared already.
  explicit OfferedExchange(ExchangePtr shared) : shared_(std::move(shared)) {}
  ~OfferedExchange() {
    if (own_ != nullptr && own_->response) parser_->recycle(std::move(own_->response->message));
  }
  OfferedExchange(const OfferedExchange&) = delete;
  OfferedExchange& operator=(const OfferedExchange&) = delete;

  [[nodiscard]] const CapturedRequest& request() const { return *(own_ != nullptr ? *own_ : *shared_).request; }
  // The response where it lies, as long as nobody has asked for more; else null.
  [[nodiscard]] const MessageInPlace* response_in_place() const { return in_place_; }
  // The whole exchange, until share() is called.
  [[nodiscard]] const Exchange& operator*() {
    if (in_place_ != nullptr) build_response();
    return own_ != nullptr ? *own_ : *shared_;
  }
  [[nodiscard]] const Exchange* operator->() { return &**this; }
  // The same for everybody who asks. A response that the pool has no room for is dropped.
  [[nodiscard]] const ExchangePtr& share();
  [[nodiscard]] bool has_dropped_response() const { return has_dropped_response_; }

 private:
  void build_response();
  void lease_response();

  Exchange local_;
  Exchange* own_ = nullptr;
  const MessageInPlace* in_place_ = nullptr;
  HeadParser* parser_ = nullptr;
  MemoryPool* pool_ = nullptr;
  bool has_dropped_response_ = false;
  ExchangePtr shared_;
};

}  // namespace understudy
