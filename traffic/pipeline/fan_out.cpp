#include "traffic/pipeline/fan_out.hpp"

#include <utility>

#include "traffic/rules/rule_chain.hpp"

namespace understudy {

FanOut::FanOut(const CurrentRules& rules, std::vector<Sink*> sinks, SelfTraffic self_traffic)
    : rules_(rules), sinks_(std::move(sinks)), self_traffic_(std::move(self_traffic)) {
  for (Sink* sink : sinks_) {
    const SinkNeeds needs = sink->needs();
    needs_.request_bodies |= needs.request_bodies;
    needs_.exchanges |= needs.exchanges;
    needs_.response_bodies |= needs.response_bodies;
    if (needs.exchanges) exchange_sinks_.push_back(sink);
  }
}

FanOut::Worker::Worker(const FanOut& fan_out, unsigned index, LedgerShard& ledger, std::uint64_t seed)
    : fan_out_(fan_out), index_(index), ledger_(ledger), rules_(fan_out.rules_), random_(seed) {}

bool FanOut::Worker::on_request(const RequestPtr& request) {
  if (fan_out_.self_traffic_ && fan_out_.self_traffic_(*request)) {
    ledger_.filtered(FilterReason::self_traffic);
    return false;
  }
  const Admission admission = rules_.rules().admit(*request, random_);
  if (!admission.pass) {
    ledger_.filtered(admission.reason);
    return false;
  }
  ledger_.delivered();
  for (Sink* sink : fan_out_.sinks_) sink->on_request(request, index_);
  return !fan_out_.exchange_sinks_.empty();
}

void FanOut::Worker::on_exchange(OfferedExchange& exchange) {
  for (Sink* sink : fan_out_.exchange_sinks_) sink->on_exchange(exchange, index_);
}

void FanOut::Worker::end_batch() {
  for (Sink* sink : fan_out_.sinks_) sink->on_batch_end(index_);
}

}  // namespace understudy
