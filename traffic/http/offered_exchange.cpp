#include "traffic/http/offered_exchange.hpp"

#include <utility>

namespace understudy {

const ExchangePtr& OfferedExchange::share() {
  if (own_ == nullptr) return shared_;
  if (in_place_ != nullptr) build_response();
  if (own_->response && !own_->response->lease.is_taken()) lease_response();
  shared_ = std::make_shared<Exchange>(std::move(*std::exchange(own_, nullptr)));
  return shared_;
}

void OfferedExchange::build_response() {
  const MessageInPlace& from = *std::exchange(in_place_, nullptr);
  CapturedResponse& response = own_->response.emplace();
  response.first_byte = from.first_byte;
  response.last_byte = from.last_byte;
  parser_->lend_to(response.message);
  parser_->copy_to(response.message, from.framing, from.body);
}

void OfferedExchange::lease_response() {
  auto lease = MemoryLease::take(pool_, own_->response->message.memory());
  has_dropped_response_ = !lease;
  if (lease)
    own_->response->lease = std::move(*lease);
  else
    own_->response.reset();
}

}  // namespace understudy
