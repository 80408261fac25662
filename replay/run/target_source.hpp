// The queue between a shard and the sender of one of its targets: requests that are due.
//
// Thread safety: the shard's loop.
#pragma once

#include <cstddef>
#include <deque>

#include "replay/run/flights.hpp"
#include "traffic/net/sender.hpp"
#include "traffic/pipeline/request_serializer.hpp"

namespace understudy {

// Told of each request that a target is done with. `answer` is the receiver's to take.
class TargetOwner {
 public:
  virtual ~TargetOwner() = default;
  virtual void on_answer(std::size_t target, Flights::Ticket ticket, const OutboundRequest& request,
                         TargetAnswer&& answer) = 0;
};

class TargetSource final : public RequestSource {
 public:
  // All references outlive it; `editor` may be null.
  TargetSource(std::size_t index, Flights& flights, TargetOwner& owner, const CurrentRules& rules,
               const RequestSerializerOptions& options)
      : index_(index), flights_(flights), owner_(owner), serializer_(rules, options) {}

  // A request is due. Sender::wake() is the caller's.
  void add(Flights::Ticket ticket) { due_.push_back(ticket); }

  // RequestSource
  [[nodiscard]] std::uint64_t waiting() override { return due_.size(); }
  [[nodiscard]] bool next(OutboundRequest& out) override;
  // Values that were learnt from responses until now are put in.
  [[nodiscard]] bool prepare(OutboundRequest& out) override;
  void finished(const OutboundRequest& request, const Outcome& outcome) override;
  void discard_queue(LossReason reason) override;

 private:
  void lose(const OutboundRequest& request, LossReason reason);

  const std::size_t index_;
  Flights& flights_;
  TargetOwner& owner_;
  RequestSerializer serializer_;
  std::deque<Flights::Ticket> due_;
};

}  // namespace understudy
