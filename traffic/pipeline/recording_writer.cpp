#include "traffic/pipeline/recording_writer.hpp"

#include <fmt/format.h>

#include <utility>

#include "traffic/base/check.hpp"

namespace understudy {

const RecordedExchange& RecordedView::of(const Exchange& exchange, const Redactor& redactor) {
  replaced_.clear();
  const CapturedRequest& request = *exchange.request;
  view_.session = request.session;
  view_.client = request.client;
  view_.server = request.server;
  view_.request = view_message(request.message, request.first_byte, redactor, request_headers_, request_body_);
  view_.request.method = request.message.method();
  view_.request.target = request.message.target();
  if (auto target = redactor.target(view_.request.target)) view_.request.target = keep(std::move(*target));
  view_.response.reset();
  view_.complete = true;
  if (exchange.response) {
    const CapturedResponse& response = *exchange.response;
    view_.response = view_message(response.message, response.first_byte, redactor, response_headers_, response_body_);
    view_.response->status = response.message.status();
    view_.response->reason = response.message.reason();
    view_.complete = response.complete;
  }
  return view_;
}

RecordedMessage RecordedView::view_message(const HttpMessage& message, WallTime time, const Redactor& redactor,
                                           std::vector<HeaderView>& headers, std::vector<std::string_view>& body) {
  RecordedMessage view;
  view.version = message.version();
  view.time = time;
  headers.clear();
  for (const FieldLine& field : message.fields()) {
    HeaderView header{message.name(field), message.value(field)};
    if (auto value = redactor.field_value(header.name, header.value)) header.value = keep(std::move(*value));
    headers.push_back(header);
  }
  view.headers = headers;
  view.body_length = message.body().content_size();
  view.body_kept = message.body().is_kept();
  body.clear();
  if (!view.body_kept) return view;
  if (auto content = redactor.body(message)) {
    view.body_length = content->size();
    body.push_back(keep(std::move(*content)));
  } else {
    body = message.body().content_slices();
  }
  view.body = body;
  return view;
}

std::string_view RecordedView::keep(std::string text) { return replaced_.emplace_back(std::move(text)); }

RecordingWriter::RecordingWriter(const RecordingOptions& options, std::unique_ptr<AppendFile> file,
                                 const CurrentRules& rules, LedgerShard& ledger, const Clock& clock,
                                 std::function<void(const Item&)> release)
    : flush_interval_(options.flush_interval),
      retry_interval_(options.retry_interval),
      path_(options.path),
      on_trouble_(options.on_trouble),
      file_(std::move(file)),
      rules_(rules),
      ledger_(ledger),
      clock_(clock),
      release_(std::move(release)),
      jsonl_(options.instance) {}

void RecordingWriter::add(Item item) {
  CHECK(!paused_);
  if (!flush_due_) flush_due_ = clock_.monotonic_now() + flush_interval_;
  entries_.push_back({std::move(item)});
  if (!format(entries_.back())) return pause();
  settle();
}

void RecordingWriter::flush() {
  flush_due_.reset();
  if (paused_ || entries_.empty()) return;
  if (!file_->flush()) return pause();
  settle();
}

void RecordingWriter::tick() {
  const MonotonicTime now = clock_.monotonic_now();
  if (paused_) {
    if (now >= retry_due_) retry();
  } else if (flush_due_ && now >= *flush_due_) {
    flush();
  }
}

void RecordingWriter::retry_now() {
  if (paused_) return retry();
  flush();
}

std::optional<MonotonicTime> RecordingWriter::next_due() const { return paused_ ? retry_due_ : flush_due_; }

void RecordingWriter::give_up() {
  for (const Entry& entry : entries_) {
    ledger_.lost(paused_ ? pause_reason_ : LossReason::shutdown);
    release_(entry.item);
  }
  entries_.clear();
  file_->rewind(whole_end_);  // leaves no half line behind
}

bool RecordingWriter::format(Entry& entry) {
  if (!jsonl_.write(view_.of(*entry.item.exchange, rules_.rules().recording_redactor()), *file_)) return false;
  entry.end = file_->commit();
  return true;
}

// Lets go of the entries whose lines have reached the file.
void RecordingWriter::settle() {
  while (!entries_.empty() && entries_.front().end != 0 && entries_.front().end <= file_->written()) {
    whole_end_ = entries_.front().end;
    ledger_.delivered();
    release_(entries_.front().item);
    entries_.pop_front();
  }
}

void RecordingWriter::pause() {
  settle();
  const WriteFailure failure = file_->failure();
  const std::string text = file_->failure_text();
  file_->rewind(whole_end_);
  for (Entry& entry : entries_) entry.end = 0;
  flush_due_.reset();
  retry_due_ = clock_.monotonic_now() + retry_interval_;
  if (failure == WriteFailure::interrupted) pause_reason_ = LossReason::shutdown;
  if (std::exchange(paused_, true) || failure == WriteFailure::interrupted) return;
  pause_reason_ = failure == WriteFailure::disk_full ? LossReason::disk_full : LossReason::write_failed;
  tell(true, fmt::format("recording to '{}' pauses: {}. It is tried again every {:.3g} s; mirroring goes on", path_,
                         text, std::chrono::duration<double>(retry_interval_).count()));
}

// Formats everything again and writes it. Once a line is in the file, the recording goes on.
void RecordingWriter::retry() {
  for (Entry& entry : entries_) {
    if (!format(entry)) return pause();
  }
  if (!file_->flush()) return pause();
  settle();
  paused_ = false;
  tell(false, fmt::format("recording to '{}' goes on", path_));
}

void RecordingWriter::tell(bool paused, std::string message) {
  if (on_trouble_) on_trouble_({paused, pause_reason_, std::move(message)});
}

}  // namespace understudy
