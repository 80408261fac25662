// Turns the two byte streams of each flow into requests and exchanges.
//
//   ExchangeBuilder builder(options, handler, ledger_shard);
//   FlowTable flows(flow_limits, builder);                   // calls the builder as its StreamHandler
//
// A request is handed over the moment its last byte is there; nothing waits for its response. Responses are matched to
// requests in order (RFC 9112 section 9.3.2), interim ones are passed over, and an exchange is handed over when its
// response has ended, or when it is certain that none will be seen. Exchanges of one connection come in order.
//
// Who counts what in the loss ledger:
//   - This class calls seen() once for each request, at the moment its fate on the capture's side is known: when it is
//     complete (it goes to the RequestHandler then), or when it is lost, together with lost(reason). So
//     seen = handed over + lost holds at every moment.
//   - The RequestHandler calls filtered(reason) or delivered() once for each request that it is handed, on the same
//   shard.
//   - A gap between requests, or one that takes the framing with it, counts as one request lost: how many it held is
//     unknown. It is counted once until framing is found again.
//   - Not seen, and in PairingStatistics only: bytes before the first request of a connection joined in midstream, and
//     connections that carry no HTTP/1.x.
//
// After CONNECT, or a request with Upgrade, the client's bytes wait for the response: 101, or 2xx to CONNECT, makes the
// rest of the connection a tunnel; anything else, and HTTP goes on. They wait up to PairingOptions::held_bytes_max;
// beyond it, and when the flow ends undecided, the bytes decide: a strictly valid request line is HTTP.
//
// A response that arrives before any request of it was seen waits likewise, on connections that were seen from their
// start and without gaps, since packets may be captured out of order between the directions. Elsewhere it is dropped.
//
// Memory: PairingOptions::memory_max bounds messages in progress, bytes that wait, and requests whose response is
// outstanding; PairingOptions::pool bounds every message until its last holder lets go. What does not fit is lost to
// `memory`.
//
// Thread safety: one worker's thread; statistics() may be read from any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "agent/pairing/pairing_statistics.hpp"
#include "agent/reassembly/stream_handler.hpp"
#include "traffic/http/exchange.hpp"
#include "traffic/http/head_parser.hpp"
#include "traffic/http/memory_budget.hpp"
#include "traffic/http/offered_exchange.hpp"
#include "traffic/observe/ledger.hpp"
#include "traffic/pipeline/sink.hpp"

namespace understudy {

struct PairingOptions {
  FramingPolicy policy;
  FramingLimits limits;
  SinkNeeds needs;                                 // what the sinks want, added up
  std::size_t memory_max = std::size_t{32} << 20;  // bytes, for all flows of this worker
  // Bounds the messages of all workers together, in progress and handed over, for as long as anybody holds them. May be
  // null. Outlives the builder and every message.
  MemoryPool* pool = nullptr;
  std::size_t held_bytes_max = std::size_t{64} << 10;  // bytes that wait for the other direction, for each flow
  std::uint32_t unpaired_max = 256;                    // requests of one flow that wait for their response
};

// Where requests and exchanges go. Called in the worker's thread; must not block.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;

  // A complete request. Returns whether its exchange is wanted; if not, nothing of its response is kept.
  [[nodiscard]] virtual bool on_request(const RequestPtr& request) = 0;
  // The response has ended, or none will be seen. Only for requests whose exchange is wanted, and only when
  // SinkNeeds::exchanges.
  virtual void on_exchange(OfferedExchange& exchange) = 0;
};

struct PairingWorker;

class ExchangeBuilder final : public StreamHandler {
 public:
  // References outlive the builder, and the builder outlives the flow states that it made.
  ExchangeBuilder(const PairingOptions& options, RequestHandler& handler, LedgerShard& ledger);
  ~ExchangeBuilder() override;
  ExchangeBuilder(const ExchangeBuilder&) = delete;
  ExchangeBuilder& operator=(const ExchangeBuilder&) = delete;

  [[nodiscard]] std::unique_ptr<FlowState> on_flow_begin(const FlowInfo& flow) override;
  void on_data(FlowState* state, Direction direction, std::uint64_t offset, ByteView data, WallTime time) override;
  void on_gap(FlowState* state, Direction direction, std::uint64_t offset, std::uint64_t length, GapCause cause,
              WallTime time) override;
  void on_end(FlowState* state, Direction direction, StreamEnd end, WallTime time) override;
  void on_flow_end(FlowState* state, FlowEnd end, WallTime time) override;

  [[nodiscard]] const PairingStatistics& statistics() const;
  // Bytes of memory_max in use. In the worker's thread.
  [[nodiscard]] std::size_t memory() const;

 private:
  std::unique_ptr<PairingWorker> worker_;  // what the flows of this builder share
};

}  // namespace understudy
