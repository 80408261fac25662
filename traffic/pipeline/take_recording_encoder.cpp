#include <utility>

#include "traffic/pipeline/recording_encoder.hpp"
#include "traffic/pipeline/redacted_take.hpp"
#include "traffic/recording/take_encoder.hpp"

namespace understudy {
namespace {

// Each file's ledger counts from where the file before it ended, so that files of one run add up.
class TakeRecordingEncoder final : public RecordingEncoder {
 public:
  TakeRecordingEncoder(TakeRecordingOptions options, const Clock& clock)
      : options_(std::move(options)),
        clock_(clock),
        encoder_(encoder_options(options_)),
        snapshot_due_(clock.monotonic_now() + options_.snapshot_interval) {}

  bool add(const QueuedRecords& records, const Redactor& redactor, ByteSink& out) override {
    if (records.exchange == nullptr) return encoder_.add_records(records.run(), out);
    return encoder_.add(view_.of(*records.exchange, redactor), out);
  }

  bool flush(ByteSink& out) override {
    if (!encoder_.flush(out)) return false;
    const MonotonicTime now = clock_.monotonic_now();
    if (now < snapshot_due_) return true;
    snapshot_due_ = now + options_.snapshot_interval;
    return encoder_.write_ledger(options_.ledger().since(begin_), out);
  }

  bool finish(ByteSink& out) override {
    end_ = options_.ledger();
    const TakeLedger since = end_.since(begin_);
    return encoder_.finish(&since, nullptr, out);
  }

  void restart() override {
    encoder_.restart();
    begin_ = end_;
  }

  std::size_t pending() const override { return encoder_.pending(); }
  std::uint32_t state() const override { return encoder_.blocks(); }
  void rewind(std::uint32_t state) override { encoder_.rewind(state); }

 private:
  static TakeEncoderOptions encoder_options(const TakeRecordingOptions& options) {
    TakeEncoderOptions encoder;
    encoder.origin = options.origin;
    encoder.key = options.key;
    return encoder;
  }

  const TakeRecordingOptions options_;
  const Clock& clock_;
  TakeEncoder encoder_;
  RedactedTake view_;
  TakeLedger begin_;  // the ledger when this file began
  TakeLedger end_;    // and when it ended
  MonotonicTime snapshot_due_;
};

}  // namespace

std::unique_ptr<RecordingEncoder> make_take_encoder(TakeRecordingOptions options, const Clock& clock) {
  return std::make_unique<TakeRecordingEncoder>(std::move(options), clock);
}

}  // namespace understudy
