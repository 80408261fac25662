#include "agent/pairing/exchange_builder.hpp"

#include "agent/pairing/flow_pairing.hpp"

namespace understudy {
namespace {

FlowPairing& pairing_of(FlowState* state) { return *static_cast<FlowPairing*>(state); }

}  // namespace

ExchangeBuilder::ExchangeBuilder(const PairingOptions& options, RequestHandler& handler, LedgerShard& ledger)
    : worker_(std::make_unique<PairingWorker>(options, handler, ledger)) {}

ExchangeBuilder::~ExchangeBuilder() = default;

std::unique_ptr<FlowState> ExchangeBuilder::on_flow_begin(const FlowInfo& flow) {
  return std::make_unique<FlowPairing>(*worker_, flow);
}

void ExchangeBuilder::on_data(FlowState* state, Direction direction, std::uint64_t /*offset*/, ByteView data,
                              WallTime time) {
  if (!data.empty()) pairing_of(state).on_data(direction, as_text(data), time);
}

void ExchangeBuilder::on_gap(FlowState* state, Direction direction, std::uint64_t /*offset*/, std::uint64_t length,
                             GapCause cause, WallTime time) {
  if (length > 0) pairing_of(state).on_gap(direction, length, cause, time);
}

void ExchangeBuilder::on_end(FlowState* state, Direction direction, StreamEnd end, WallTime time) {
  pairing_of(state).on_end(direction, end, time);
}

void ExchangeBuilder::on_flow_end(FlowState* state, FlowEnd end, WallTime time) {
  pairing_of(state).on_flow_end(end, time);
}

const PairingStatistics& ExchangeBuilder::statistics() const { return worker_->statistics; }

std::size_t ExchangeBuilder::memory() const { return worker_->budget.used(); }

}  // namespace understudy
