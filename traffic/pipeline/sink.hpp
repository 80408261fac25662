// Where requests and exchanges go: a shadow, a recording, or nowhere.
//
// A sink never stalls its siblings and never blocks the capture thread: it takes what it is offered into a queue of its
// own with a limit, or counts it as lost in its own OutputLedger. An exchange follows its request, or never comes.
#pragma once

#include <string>

#include "traffic/base/clock.hpp"
#include "traffic/http/exchange.hpp"
#include "traffic/http/offered_exchange.hpp"

namespace understudy {

// What a sink needs of a message, so that capture keeps no byte that nobody wants.
struct SinkNeeds {
  bool request_bodies = false;
  bool exchanges = false;  // wants on_exchange, so response heads are parsed into messages and kept
  bool response_bodies = false;
};

// While it captures, a worker ends its batches at least so often, also when nothing comes.
inline constexpr Nanoseconds batch_interval_max = std::chrono::milliseconds(100);

class Sink {
 public:
  virtual ~Sink() = default;

  // Name for logs, metrics and the ledger: a target's URL without its secrets, or a file name.
  [[nodiscard]] virtual const std::string& name() const = 0;
  [[nodiscard]] virtual SinkNeeds needs() const = 0;

  // Called by a capture worker as soon as the request is complete and passed the rules. Must not block. Workers call
  // concurrently when there are several; `worker` says which one (0-based), so that a sink can keep a queue for each.
  virtual void on_request(const RequestPtr& request, unsigned worker) = 0;
  // Called by the same worker when the response has ended, or will never come. The exchange is gone after the call
  // unless the sink asks for a share.
  virtual void on_exchange(OfferedExchange& exchange, unsigned worker) = 0;
  // Called by the same worker when it has nothing more at hand, and every batch_interval_max: a sink may have put
  // handing over to another thread, or that thread's waking, off until here, so that one serves a batch.
  virtual void on_batch_end(unsigned /*worker*/) {}

  // Stops taking and finishes what is queued, until `deadline`; what is left then is lost to `shutdown`. Called once,
  // from the composition root's thread, after capture has stopped.
  virtual void drain(MonotonicTime deadline) = 0;
};

}  // namespace understudy
