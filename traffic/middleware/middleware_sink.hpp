// A sink in front of another one: requests pass through the user's middleware on their way.
//
//   worker w --on_request--> MiddlewareProcess --its thread--> inner.on_request(request, lane)
//                       \--refused: passes unchanged--------> inner.on_request(request, w)
//
// What the middleware changes replaces the request; what it omits goes nowhere, and is counted. A request that it could
// not judge, or whose change is no HTTP request, passes unchanged or is dropped, as `fail_open` says.
//
// Ledger of the output: this sink counts what it is offered, what the middleware left out (filtered: middleware), and
// what it failed to judge and was dropped (lost: middleware_failed); the inner sink counts the rest.
//
// Exchanges pass to the inner sink as they were captured, since a recording tells what production got; the middleware
// sees responses only with `with_responses`, and what it gives back of them is not used.
//
// Thread safety: as Sink. REQUIRES of the inner sink: it knows one more worker than there are, whose number is `lane`;
// the middleware's thread is that worker.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "traffic/http/whole_message.hpp"
#include "traffic/middleware/middleware_process.hpp"
#include "traffic/observe/ledger.hpp"
#include "traffic/pipeline/sink.hpp"

namespace understudy {

struct MiddlewareSinkOptions {
  bool fail_open = true;
  bool with_responses = false;
  // For a capture file: a worker waits for the middleware instead of passing it by. Never for the wire.
  bool lossless = false;
  unsigned lane = 1;  // also the number of workers
};

class MiddlewareSink final : public Sink {
 public:
  // The process and the inner sink outlive it.
  MiddlewareSink(MiddlewareProcess& process, Sink& inner, const MiddlewareSinkOptions& options);

  [[nodiscard]] const std::string& name() const override { return inner_.name(); }
  [[nodiscard]] SinkNeeds needs() const override;
  void on_request(const RequestPtr& request, unsigned worker) override;
  void on_exchange(OfferedExchange& exchange, unsigned worker) override;
  void on_batch_end(unsigned worker) override { inner_.on_batch_end(worker); }
  // Drains the process and the inner sink.
  void drain(MonotonicTime deadline) override;

  // The output's totals from those that the inner sink had a moment ago. Any thread.
  [[nodiscard]] LedgerTotals with_totals(LedgerTotals inner) const;

 private:
  void finish(const RequestPtr& request, MiddlewareVerdict verdict, std::string_view bytes);
  void pass_unjudged(const RequestPtr& request, unsigned lane);

  MiddlewareProcess& process_;
  Sink& inner_;
  const MiddlewareSinkOptions options_;
  const bool inner_wants_exchanges_;
  Ledger ledger_;
  std::vector<LedgerShard*> shards_;  // of the workers, and of the process's thread
  WholeMessageParser parser_;         // of the process's thread
};

// The bytes of a message as they were on the wire, and an id that a request and its response share.
[[nodiscard]] std::string middleware_bytes(const HttpMessage& message);
[[nodiscard]] std::string middleware_id(const CapturedRequest& request);

// The captured request with the message that a middleware gave back. Null when those bytes are no request. The very
// same bytes give the same request.
[[nodiscard]] RequestPtr with_middleware_bytes(const RequestPtr& request, std::string_view bytes,
                                               WholeMessageParser& parser);

}  // namespace understudy
