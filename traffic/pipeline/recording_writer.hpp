// The writing half of a recording sink: redacts, formats and writes exchanges in order, through errors of the disk.
//
// An exchange that was added stays in memory until its line is in the file whole; when a write fails, the file is cut
// back to its last whole line, and everything behind it is formatted again when a retry succeeds.
//
// Time is read from the clock only inside these calls, so tests drive it by hand. Not thread safe: the writer thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/observe/ledger.hpp"
#include "traffic/pipeline/recording_sink.hpp"
#include "traffic/recording/append_file.hpp"
#include "traffic/recording/jsonl_writer.hpp"
#include "traffic/rules/current_rules.hpp"
#include "traffic/rules/redactor.hpp"

namespace understudy {

// Borrowed views of an exchange as it is to be recorded, and the text that redaction put in place of the captured.
class RecordedView {
 public:
  // Valid until the next call, and as long as the exchange lives.
  [[nodiscard]] const RecordedExchange& of(const Exchange& exchange, const Redactor& redactor);

 private:
  [[nodiscard]] RecordedMessage view_message(const HttpMessage& message, WallTime time, const Redactor& redactor,
                                             std::vector<HeaderView>& headers, std::vector<std::string_view>& body);
  [[nodiscard]] std::string_view keep(std::string text);

  RecordedExchange view_;
  std::vector<HeaderView> request_headers_;
  std::vector<HeaderView> response_headers_;
  std::vector<std::string_view> request_body_;
  std::vector<std::string_view> response_body_;
  std::list<std::string> replaced_;  // a list, because views into it must stay where they are
};

class RecordingWriter {
 public:
  struct Item {
    ExchangePtr exchange;
    std::uint64_t bytes = 0;
    unsigned worker = 0;
  };

  // `release` is called once for each item that was added, when it is done with: written, or given up. Options are
  // copied; all references outlive the writer.
  RecordingWriter(const RecordingOptions& options, std::unique_ptr<AppendFile> file, const CurrentRules& rules,
                  LedgerShard& ledger, const Clock& clock, std::function<void(const Item&)> release);

  // Takes an exchange. REQUIRES: not paused().
  void add(Item item);
  // Writes what is buffered, if that is not done already. May pause.
  void flush();
  // Flushes or retries if that is due by the clock.
  void tick();
  // Retries now, if paused; then flushes.
  void retry_now();
  // When tick() has something to do; nothing: not before the next add().
  [[nodiscard]] std::optional<MonotonicTime> next_due() const;
  // Gives up what is not written: lost to the failure while paused, else to `shutdown`.
  void give_up();

  // A write failed, and no retry has succeeded since.
  [[nodiscard]] bool paused() const { return paused_; }
  // Why. Meaningful when paused.
  [[nodiscard]] LossReason pause_reason() const { return pause_reason_; }
  // Items that were added and not released.
  [[nodiscard]] std::size_t unwritten() const { return entries_.size(); }

 private:
  struct Entry {
    Item item;
    std::uint64_t end = 0;  // of its line in the file, when formatted
  };

  [[nodiscard]] bool format(Entry& entry);
  void settle();
  void pause();
  void retry();
  void tell(bool paused, std::string message);

  const Nanoseconds flush_interval_;
  const Nanoseconds retry_interval_;
  const std::string path_;
  const std::function<void(const RecordingTrouble&)> on_trouble_;
  const std::unique_ptr<AppendFile> file_;
  CurrentRules::Reader rules_;
  LedgerShard& ledger_;
  const Clock& clock_;
  const std::function<void(const Item&)> release_;
  JsonlWriter jsonl_;
  RecordedView view_;
  std::deque<Entry> entries_;    // not yet written whole; all of them are formatted, unless paused
  std::uint64_t whole_end_ = 0;  // of the last line that was written whole
  std::optional<MonotonicTime> flush_due_;
  MonotonicTime retry_due_;
  LossReason pause_reason_ = LossReason::write_failed;
  bool paused_ = false;
};

}  // namespace understudy
