// The recordings of a run: the file or files of --record, and the live stream of --stream.
//
// They are opened while the program may still be root, and go on across reloads. Thread safety: open() and drain() by
// the composition root; the rest from any thread between the two.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/options.hpp"
#include "agent/safety/budget.hpp"
#include "traffic/observe/ledger.hpp"
#include "traffic/pipeline/recording_sink.hpp"
#include "traffic/rules/current_rules.hpp"

namespace understudy {

// How many outputs these options make besides the shadows.
[[nodiscard]] unsigned recording_count(const RecordSettings& options);

class Recordings {
 public:
  struct Context {
    const CurrentRules& rules;  // outlives the recordings
    const MemoryDivision& memory;
    std::string instance_id;
    std::function<TakeLedger()> capture_ledger;  // called by the writers' threads
  };

  // ExitCode::output_failed when one cannot be opened.
  [[nodiscard]] Result<void> open(const AgentOptions& options, const Context& context);
  // Finishes what is queued, and ends the files with their certificates.
  void drain(MonotonicTime deadline);

  [[nodiscard]] std::vector<Sink*> sinks() const;
  [[nodiscard]] std::size_t queued_exchanges() const;
  // Adds each recording's ledger under its name.
  void add_totals(std::map<std::string, LedgerTotals>& outputs) const;

 private:
  struct Recording {
    Ledger ledger;
    std::unique_ptr<RecordingSink> sink;
  };

  [[nodiscard]] Result<void> open_one(RecordingOptions recording, const CurrentRules& rules);

  std::vector<std::unique_ptr<Recording>> recordings_;
};

}  // namespace understudy
