// How a recording sink turns exchanges into the bytes of its file: one class for each format.
//
// An encoder redacts what is not redacted yet: what it hands on is what may be on the disk. It may keep exchanges back
// to pack them together; pending() says how many. After a failure of the sink, rewind() takes it back to a state that
// state() gave, and the exchanges behind that state are added again.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "traffic/base/clock.hpp"
#include "traffic/pipeline/queued_records.hpp"
#include "traffic/recording/jsonl_writer.hpp"
#include "traffic/recording/take_key.hpp"
#include "traffic/recording/take_record.hpp"
#include "traffic/rules/redactor.hpp"

namespace understudy {

class RecordingEncoder {
 public:
  virtual ~RecordingEncoder() = default;

  // Each returns false when `out` refused bytes; the encoder is then rewound.
  // REQUIRES: of records that a RecordBatch made, that this encoder is for `.take` files.
  [[nodiscard]] virtual bool add(const QueuedRecords& records, const Redactor& redactor, ByteSink& out) = 0;
  // Everything that was added is handed to `out`.
  [[nodiscard]] virtual bool flush(ByteSink& out) = 0;
  // The orderly end of a file. Then restart(), or rewind() when it did not reach the file.
  [[nodiscard]] virtual bool finish(ByteSink& out) = 0;
  // What is added next goes into a new file.
  virtual void restart() = 0;

  // Exchanges that were added and not handed on.
  [[nodiscard]] virtual std::size_t pending() const = 0;
  // What rewind() needs to come back to this moment. REQUIRES: pending() == 0.
  [[nodiscard]] virtual std::uint32_t state() const = 0;
  // Drops what is pending. REQUIRES: `state` was given since the last restart(), or is 0 for the begin of the file.
  virtual void rewind(std::uint32_t state) = 0;
};

// One line of JSON for each exchange. `instance` names the run.
[[nodiscard]] std::unique_ptr<RecordingEncoder> make_jsonl_encoder(const std::string& instance);

struct TakeRecordingOptions {
  TakeOrigin origin;           // see FORMAT.md
  std::optional<TakeKey> key;  // encrypts
  // The ledgers of the capture and of this recording, since the program began. Called by the thread of the encoder.
  std::function<TakeLedger()> ledger;
  Nanoseconds snapshot_interval = std::chrono::seconds(10);  // between two snapshots of the ledger
};

// Blocks of a `.take` recording. The clock outlives it.
[[nodiscard]] std::unique_ptr<RecordingEncoder> make_take_encoder(TakeRecordingOptions options, const Clock& clock);

}  // namespace understudy
