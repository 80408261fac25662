#include "agent/worker.hpp"

#include <utility>

namespace understudy {

Worker::Worker(const WorkerOptions& options, std::unique_ptr<Engine> engine, const CurrentShadows& shadows,
               LedgerShard& ledger, const CpuGovernor* governor)
    : options_(options),
      engine_(std::move(engine)),
      shadows_(shadows),
      ledger_(ledger),
      governor_(governor),
      builder_(options_.pairing, *this, ledger_),
      flows_(options_.reassembly, builder_),
      decoder_(options_.decode, flows_) {
  take_up_shadows();
}

Worker::~Worker() = default;

Result<void> Worker::run() {
  Result<void> result;
  for (;;) {
    if (shadows_.version() != set_version_) [[unlikely]]
      take_up_shadows();
    // The wait is also how soon a reload is taken up on a silent wire.
    const Result<PollOutcome> outcome = engine_->poll(*this, batch_interval_max);
    if (!outcome) {
      result = tl::unexpected(outcome.error());
      break;
    }
    if (*outcome == PollOutcome::end) break;
    if (*outcome == PollOutcome::idle && options_.is_live) flows_.advance(system_clock().wall_now());
    fan_out_->end_batch();
  }
  flows_.drain(last_packet_);
  fan_out_->end_batch();
  fan_out_.reset();
  set_.reset();
  return result;
}

void Worker::take_up_shadows() {
  set_version_ = shadows_.version();
  std::shared_ptr<ShadowSet> next = shadows_.get();
  fan_out_.emplace(next->fan_out(), options_.index, ledger_, options_.seed + set_version_);
  set_ = std::move(next);  // the old set lives until the fan-out's worker no longer points into it
}

void Worker::on_packet(const PacketView& packet) {
  last_packet_ = packet.time;
  decoder_.on_packet(packet);
}

bool Worker::on_request(const RequestPtr& request) {
  if (governor_ != nullptr && !governor_->keeps(request->session)) {
    ledger_.lost(LossReason::cpu_shed);
    return false;
  }
  return fan_out_->on_request(request);
}

void Worker::on_exchange(OfferedExchange& exchange) { fan_out_->on_exchange(exchange); }

}  // namespace understudy
