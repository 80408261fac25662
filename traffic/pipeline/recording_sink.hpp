// A sink that appends each exchange to a recording, by a writer thread of its own: JSON Lines, or a `.take` file.
//
//   capture workers: redact, record --bounded queue--> writer thread: pack, buffer --> file
//
// A large exchange, and each of JSON Lines, is redacted and encoded by the writer thread instead (queued_records.hpp).
//
// Promises:
//   1. A file is appended to, never truncated below what was there. Its last record (a line, a block) is whole, or was
//      cut by a crash; a line that an earlier run left unfinished is ended first, so that new lines stay whole; behind
//      an unfinished block a new segment begins.
//   2. Records are written in the order in which exchanges ended (of one worker; workers interleave).
//   3. What was written is in the file after flush_interval at the latest.
//   4. A full disk or a write error pauses the recording and nothing else. What was not written whole is taken back and
//      written again when a retry succeeds; meanwhile the queue fills, and what no longer fits is lost to `disk_full`
//      or `write_failed`. `on_trouble` is called once when that begins and once when it ends.
//   5. A record stays in the queue's count and bytes until it is written, so those two limits bound the memory, with a
//      batch for each worker on top. A `.take` file needs about 4 MiB besides, for compression.
//   6. A small exchange of a `.take` recording waits with its worker for others, up to 64 KiB of records or a tenth of
//      a second (looked at when a batch of packets ends, see batch_interval_max); where flush_interval is below half a
//      second, up to the end of its batch of packets.
//   7. At an orderly end a `.take` file gets its certificate: the ledger of the capture and of this recording.
//
// Ledger: seen() for each exchange offered, then delivered() when its record was handed to the operating system whole,
// or lost(reason). Delivered records survive the end of this process, not the end of the machine: nothing is synced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/observe/ledger.hpp"
#include "traffic/pipeline/sink.hpp"
#include "traffic/recording/rotation.hpp"
#include "traffic/recording/take_key.hpp"
#include "traffic/recording/take_record.hpp"
#include "traffic/rules/current_rules.hpp"

namespace understudy {

struct RecordingTrouble {
  bool paused = true;  // false: it goes on again
  LossReason reason = LossReason::write_failed;
  std::string message;  // one line, for the log
};

enum class RecordingFormat : std::uint8_t { jsonl, take };

// By the name's ending, ".jsonl" or ".take"; "-" is JSON Lines on standard output. ExitCode::usage for any other.
[[nodiscard]] Result<RecordingFormat> recording_format_of(std::string_view name);

struct RecordingOptions {
  std::string path;  // "-" is standard output; may have conversions of time, see rotation.hpp
  RecordingFormat format = RecordingFormat::jsonl;
  std::string instance;  // names this run, see JsonlWriter
  RotationLimits rotation;
  // For .take files. The origin's names are those of FORMAT.md; "instance", "created" and "flush" are added here.
  TakeOrigin origin;
  std::optional<TakeKey> key;  // encrypts
  // The capture's part of the ledger, since the program began. May be empty: nobody knows. Called by the writer thread.
  std::function<TakeLedger()> capture_ledger;
  Nanoseconds flush_interval = std::chrono::seconds(1);
  Nanoseconds retry_interval = std::chrono::seconds(5);  // after a full disk or a write error
  std::size_t queue_items_max = 16384;  // batches of records; a large exchange, and any of JSON Lines, is one by itself
  std::size_t queue_bytes_max = std::size_t{32} << 20U;  // a larger item is taken when the queue is empty
  // For a capture file as input: a worker waits while the queue is full, instead of losing the exchange. Not while the
  // recording is paused by a full disk, which could last for ever.
  bool lossless = false;
  unsigned workers = 1;
  // Called by the writer thread. May be empty.
  std::function<void(const RecordingTrouble&)> on_trouble;
  // When files change or are removed, with a line for the log. Called by the writer thread. May be empty.
  std::function<void(const std::string&)> on_rotation;
};

class RecordingSink final : public Sink {
 public:
  // Opens the file, or the first of them. The writer thread starts with the first exchange, so that a program can still
  // give up its privileges after opening (the kernel keeps them for each thread). ExitCode::output_failed when it
  // cannot be opened for appending. Rules (for the redaction), ledger and clock are borrowed and outlive the sink.
  [[nodiscard]] static Result<std::unique_ptr<RecordingSink>> open(RecordingOptions options, const CurrentRules& rules,
                                                                   Ledger& ledger, const Clock& clock = system_clock());
  ~RecordingSink() override;

  [[nodiscard]] const std::string& name() const override;
  [[nodiscard]] SinkNeeds needs() const override;
  void on_request(const RequestPtr& request, unsigned worker) override;
  void on_exchange(OfferedExchange& exchange, unsigned worker) override;
  void on_batch_end(unsigned worker) override;
  void drain(MonotonicTime deadline) override;

  // Exchanges and bytes that wait to be written. Any thread.
  [[nodiscard]] std::size_t queued_exchanges() const;
  [[nodiscard]] std::size_t queued_bytes() const;

 private:
  class Impl;
  explicit RecordingSink(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy
