#include "traffic/pipeline/recording_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "traffic/base/check.hpp"

namespace understudy {

RecordingWriter::RecordingWriter(const RecordingOptions& options, RecordingFiles files,
                                 std::unique_ptr<AppendFile> file, std::unique_ptr<RecordingEncoder> encoder,
                                 const CurrentRules& rules, LedgerShard& ledger, const Clock& clock,
                                 std::function<void(const Item&)> release)
    : flush_interval_(options.flush_interval),
      retry_interval_(options.retry_interval),
      name_(options.path),
      on_trouble_(options.on_trouble),
      on_rotation_(options.on_rotation),
      files_(std::move(files)),
      file_(std::move(file)),
      encoder_(std::move(encoder)),
      rules_(rules),
      ledger_(ledger),
      clock_(clock),
      release_(std::move(release)) {}

void RecordingWriter::add(Item item) {
  CHECK(!paused_);
  if (!flush_due_) flush_due_ = clock_.monotonic_now() + flush_interval_;
  items_.push_back(std::move(item));
  if (!encode(items_.back())) return pause();
  settle();
}

void RecordingWriter::flush() {
  flush_due_.reset();
  if (paused_ || items_.empty()) return;
  const bool encoded = encoder_->flush(*file_);
  if (encoded) note_mark();
  if (!encoded || !file_->flush()) return pause();
  settle();
}

void RecordingWriter::write_whole() {
  if (paused_ || marks_.empty()) return;
  if (!file_->flush()) return pause();
  settle();
}

void RecordingWriter::tick() {
  const MonotonicTime now = clock_.monotonic_now();
  if (paused_) {
    if (now >= retry_due_) retry();
    return;
  }
  if (flush_due_ && now >= *flush_due_) flush();
  if (paused_ || (rotation_retry_due_ && now < *rotation_retry_due_)) return;
  if (const WallTime wall = clock_.wall_now(); files_.is_due(wall, file_->size())) rotate(wall);
  for (const std::string& removed : files_.remove_excess(file_->size())) {
    if (on_rotation_) on_rotation_(fmt::format("removed '{}', the oldest, to keep the recording's total", removed));
  }
}

void RecordingWriter::retry_now() {
  if (paused_) return retry();
  flush();
}

void RecordingWriter::finish() {
  flush();
  if (paused_ || end_file()) return;
  pause();
}

// Writes what the format ends a file with.
bool RecordingWriter::end_file() {
  if (!encoder_->finish(*file_) || !file_->flush()) return false;
  encoder_->restart();
  whole_ = {file_->commit(), 0, 0};
  return true;
}

std::optional<MonotonicTime> RecordingWriter::next_due() const {
  if (paused_) return retry_due_;
  std::optional<MonotonicTime> due = flush_due_;
  if (const auto change = files_.next_change()) {
    MonotonicTime at = clock_.monotonic_now() + std::max(Nanoseconds(0), *change - clock_.wall_now());
    if (rotation_retry_due_) at = std::max(at, *rotation_retry_due_);
    due = std::min(at, due.value_or(at));
  }
  return due;
}

void RecordingWriter::give_up() {
  for (const Item& item : items_) {
    ledger_.lost(paused_ ? pause_reason_ : LossReason::shutdown, item.records.exchanges());
    release_(item);
  }
  items_.clear();
  marks_.clear();
  encoded_ = 0;
  marked_ = 0;
  file_->rewind(whole_.position);  // leaves no half record behind
  encoder_->rewind(whole_.state);
}

void RecordingWriter::interrupt() {
  const std::lock_guard lock(file_mutex_);
  file_->interrupt();
}

bool RecordingWriter::encode(const Item& item) {
  if (!encoder_->add(item.records, rules_.rules().recording_redactor(), *file_)) return false;
  ++encoded_;
  note_mark();
  return true;
}

// When nothing is pending in the encoder, everything up to here is whole once it reaches the file.
void RecordingWriter::note_mark() {
  if (encoder_->pending() != 0) return;
  marks_.push_back({file_->commit(), encoded_ - marked_, encoder_->state()});
  marked_ = encoded_;
}

// Lets go of the items whose records have reached the file.
void RecordingWriter::settle() {
  while (!marks_.empty() && marks_.front().position <= file_->written()) {
    whole_ = marks_.front();
    marks_.pop_front();
    for (std::size_t i = 0; i < whole_.items; ++i) {
      ledger_.delivered(items_.front().records.exchanges());
      release_(items_.front());
      items_.pop_front();
    }
    encoded_ -= whole_.items;
    marked_ -= whole_.items;
  }
}

void RecordingWriter::pause() {
  settle();
  const WriteFailure failure = file_->failure();
  const std::string text = file_->failure_text();
  file_->rewind(whole_.position);
  encoder_->rewind(whole_.state);
  marks_.clear();
  encoded_ = 0;
  marked_ = 0;
  flush_due_.reset();
  retry_due_ = clock_.monotonic_now() + retry_interval_;
  if (failure == WriteFailure::interrupted) pause_reason_ = LossReason::shutdown;
  if (std::exchange(paused_, true) || failure == WriteFailure::interrupted) return;
  pause_reason_ = failure == WriteFailure::disk_full ? LossReason::disk_full : LossReason::write_failed;
  tell(true, fmt::format("recording to '{}' pauses: {}. It is tried again every {:.3g} s; mirroring goes on", name_,
                         text, std::chrono::duration<double>(retry_interval_).count()));
}

// Encodes everything again and writes it. Once it is in the file, the recording goes on.
void RecordingWriter::retry() {
  while (encoded_ < items_.size()) {
    if (!encode(items_[encoded_])) return pause();
  }
  const bool encoded = encoder_->flush(*file_);
  if (encoded) note_mark();
  if (!encoded || !file_->flush()) return pause();
  settle();
  paused_ = false;
  tell(false, fmt::format("recording to '{}' goes on", name_));
}

// Ends the file and goes on in the next one; or in the same, with a new beginning, where that cannot be opened.
void RecordingWriter::rotate(WallTime now) {
  flush();
  if (paused_) return;
  if (!end_file()) return pause();
  const bool is_retry = rotation_retry_due_.has_value();
  auto next = files_.open(now);
  if (!next) {
    rotation_retry_due_ = clock_.monotonic_now() + retry_interval_;
    if (!is_retry && on_rotation_) {
      on_rotation_(
          fmt::format("{}. The recording stays in '{}', and it is tried again", next.error().message, files_.path()));
    }
    return;
  }
  rotation_retry_due_.reset();
  {
    const std::lock_guard lock(file_mutex_);
    file_ = std::move(*next);
  }
  whole_ = {};
  if (on_rotation_) on_rotation_(fmt::format("the recording goes on in '{}'", files_.path()));
}

void RecordingWriter::tell(bool paused, std::string message) {
  if (on_trouble_) on_trouble_({paused, pause_reason_, std::move(message)});
}

}  // namespace understudy
