// The capture side's last step: judges each request once, counts it, and offers what passes to every sink.
//
//   worker thread                     FanOut::Worker                       sinks
//   on_request(request)  ->  self traffic? rules? count it  ->  on_request(request, worker) of each
//   on_exchange(exchange)  -----------------------------------> on_exchange of each that wants exchanges
//
// Whether an exchange's request passed is remembered by the caller, who has it in hand anyway: on_request returns false
// when the exchange is not wanted, and then on_exchange must not be called for it.
//
// Ledger: each on_request ends as filtered(reason) or delivered() in the worker's shard; seen() and lost() are counted
// by whoever builds the requests.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "traffic/http/exchange.hpp"
#include "traffic/observe/ledger.hpp"
#include "traffic/pipeline/sink.hpp"
#include "traffic/rules/current_rules.hpp"
#include "traffic/rules/random_source.hpp"

namespace understudy {

class FanOut {
 public:
  // Tells requests that this program has sent itself, by their marker. Called by every worker, so it must be const in
  // effect. Empty: none are.
  using SelfTraffic = std::function<bool(const CapturedRequest&)>;

  // Rules and sinks are borrowed and outlive the fan-out. Sinks may be none: then requests are only judged and counted.
  FanOut(const CurrentRules& rules, std::vector<Sink*> sinks, SelfTraffic self_traffic);

  // What all sinks together need of a message.
  [[nodiscard]] SinkNeeds needs() const { return needs_; }

  // One capture worker's end of it. REQUIRES: used by one thread; does not outlive the FanOut or the shard.
  class Worker {
   public:
    // `index` is the worker's number, passed on to the sinks. `seed` starts its random sampling.
    Worker(const FanOut& fan_out, unsigned index, LedgerShard& ledger, std::uint64_t seed);

    // Judges a complete request and offers it to the sinks if it passes. True when its exchange is wanted later.
    bool on_request(const RequestPtr& request);
    // REQUIRES: on_request returned true for its request; at most once for each.
    void on_exchange(OfferedExchange& exchange);
    // The worker has nothing more at hand. REQUIRES: called behind the last of what was handed in, before a wait.
    void end_batch();

   private:
    const FanOut& fan_out_;
    const unsigned index_;
    LedgerShard& ledger_;
    CurrentRules::Reader rules_;
    RandomSource random_;
  };

 private:
  const CurrentRules& rules_;
  const std::vector<Sink*> sinks_;
  std::vector<Sink*> exchange_sinks_;
  const SelfTraffic self_traffic_;
  SinkNeeds needs_;
};

}  // namespace understudy
