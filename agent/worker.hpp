// One capture worker: engine -> decode -> reassembly -> pairing -> fan-out, in one thread.
//
// Workers share nothing: each owns its engine, its flows and its counters. The kernel gives both directions of a flow
// to the same worker.
//
// Thread safety: run() in the worker's own thread; the rest from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "agent/capture/engine.hpp"
#include "agent/decode/decoder.hpp"
#include "agent/pairing/exchange_builder.hpp"
#include "agent/reassembly/flow_table.hpp"
#include "agent/safety/cpu_governor.hpp"
#include "agent/shadows.hpp"
#include "traffic/observe/ledger.hpp"
#include "traffic/pipeline/fan_out.hpp"

namespace understudy {

struct WorkerOptions {
  unsigned index = 0;
  bool is_live = true;  // false: a capture file, whose packet time is the only time there is
  DecodeOptions decode;
  ReassemblyOptions reassembly;
  PairingOptions pairing;
  std::uint64_t seed = 0;  // of random sampling
};

class Worker final : private PacketHandler, private RequestHandler {
 public:
  // References outlive the worker. `governor` may be null: nothing is shed.
  Worker(const WorkerOptions& options, std::unique_ptr<Engine> engine, const CurrentShadows& shadows,
         LedgerShard& ledger, const CpuGovernor* governor);
  ~Worker() override;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Captures until the engine ends or stop() is called, then tells what is still buffered. The error, if any, ended the
  // capture early; what came before it was used.
  [[nodiscard]] Result<void> run();
  void stop() { engine_->stop(); }

  [[nodiscard]] EngineStatistics engine_statistics() const { return engine_->statistics(); }
  [[nodiscard]] std::string engine_description() const { return engine_->description(); }
  [[nodiscard]] const DecodeStatistics& decode_statistics() const { return decoder_.statistics(); }
  [[nodiscard]] const ReassemblyStatistics& reassembly_statistics() const { return flows_.statistics(); }
  [[nodiscard]] const PairingStatistics& pairing_statistics() const { return builder_.statistics(); }

 private:
  void on_packet(const PacketView& packet) override;
  bool on_request(const RequestPtr& request) override;
  void on_exchange(OfferedExchange& exchange) override;
  void take_up_shadows();

  const WorkerOptions options_;
  const std::unique_ptr<Engine> engine_;
  const CurrentShadows& shadows_;
  LedgerShard& ledger_;
  const CpuGovernor* const governor_;

  std::shared_ptr<ShadowSet> set_;
  std::uint64_t set_version_ = 0;
  std::optional<FanOut::Worker> fan_out_;

  ExchangeBuilder builder_;
  FlowTable flows_;
  Decoder decoder_;
  WallTime last_packet_{};
};

}  // namespace understudy
