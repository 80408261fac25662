// The writing half of a recording sink: redacts, encodes and writes exchanges in order, through errors of the disk, and
// changes files when the recording rotates.
//
// An exchange that was added stays in memory until what was made of it is in the file whole; when a write fails, the
// file is cut back to its last whole record (a line, a block), and everything behind it is encoded again when a retry
// succeeds.
//
// Time is read from the clock only inside these calls, so tests drive it by hand. Not thread safe: the writer thread,
// except interrupt().
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "traffic/base/clock.hpp"
#include "traffic/observe/ledger.hpp"
#include "traffic/pipeline/queued_records.hpp"
#include "traffic/pipeline/recording_encoder.hpp"
#include "traffic/pipeline/recording_sink.hpp"
#include "traffic/recording/append_file.hpp"
#include "traffic/recording/rotation.hpp"
#include "traffic/rules/current_rules.hpp"

namespace understudy {

class RecordingWriter {
 public:
  struct Item {
    QueuedRecords records;
    std::uint64_t bytes = 0;
    unsigned worker = 0;
  };

  // `release` is called once for each item that was added, when it is done with: written, or given up. Options are
  // copied; all references outlive the writer.
  RecordingWriter(const RecordingOptions& options, RecordingFiles files, std::unique_ptr<AppendFile> file,
                  std::unique_ptr<RecordingEncoder> encoder, const CurrentRules& rules, LedgerShard& ledger,
                  const Clock& clock, std::function<void(const Item&)> release);

  // Takes exchanges. REQUIRES: not paused().
  void add(Item item);
  // Writes what is buffered, if that is not done already. May pause.
  void flush();
  // Writes the records that are whole already, and so lets go of their exchanges: their memory is used again while it
  // is still in the cache. A block that is being filled stays open. May pause.
  void write_whole();
  // Flushes, retries or changes files if that is due by the clock.
  void tick();
  // Retries now, if paused; then flushes.
  void retry_now();
  // The orderly end: writes what is left, and what the format ends a file with. Does nothing while paused.
  void finish();
  // When tick() has something to do; nothing: not before the next add().
  [[nodiscard]] std::optional<MonotonicTime> next_due() const;
  // Gives up what is not written: lost to the failure while paused, else to `shutdown`.
  void give_up();
  // Ends waits for a slow reader, from now on. Any thread.
  void interrupt();

  // A write failed, and no retry has succeeded since.
  [[nodiscard]] bool paused() const { return paused_; }
  // Why. Meaningful when paused.
  [[nodiscard]] LossReason pause_reason() const { return pause_reason_; }
  // Items that were added and not released.
  [[nodiscard]] std::size_t unwritten() const { return items_.size(); }

 private:
  // A place in the file up to which everything is whole.
  struct Mark {
    std::uint64_t position = 0;
    std::size_t items = 0;    // that this mark has more than the one before
    std::uint32_t state = 0;  // of the encoder
  };

  [[nodiscard]] bool encode(const Item& item);
  void note_mark();
  void settle();
  void pause();
  void retry();
  void rotate(WallTime now);
  [[nodiscard]] bool end_file();
  void tell(bool paused, std::string message);

  const Nanoseconds flush_interval_;
  const Nanoseconds retry_interval_;
  const std::string name_;
  const std::function<void(const RecordingTrouble&)> on_trouble_;
  const std::function<void(const std::string&)> on_rotation_;
  RecordingFiles files_;
  std::mutex file_mutex_;             // for file_ itself, which the writer thread changes and interrupt() uses
  std::unique_ptr<AppendFile> file_;  // changed under the mutex
  const std::unique_ptr<RecordingEncoder> encoder_;
  CurrentRules::Reader rules_;
  LedgerShard& ledger_;
  const Clock& clock_;
  const std::function<void(const Item&)> release_;

  std::deque<Item> items_;   // not yet written whole
  std::deque<Mark> marks_;   // not yet reached, in their order
  std::size_t encoded_ = 0;  // of items_, from the front: given to the encoder
  std::size_t marked_ = 0;   // of those: have a mark
  Mark whole_;               // the last one that was reached
  std::optional<MonotonicTime> flush_due_;
  MonotonicTime retry_due_;
  std::optional<MonotonicTime> rotation_retry_due_;  // the next file could not be opened
  LossReason pause_reason_ = LossReason::write_failed;
  bool paused_ = false;
};

}  // namespace understudy
