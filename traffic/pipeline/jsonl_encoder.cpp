#include "traffic/base/check.hpp"
#include "traffic/pipeline/recorded_view.hpp"
#include "traffic/pipeline/recording_encoder.hpp"

namespace understudy {
namespace {

// Lines stand for themselves: nothing is kept back, and a file needs no end.
class JsonlEncoder final : public RecordingEncoder {
 public:
  explicit JsonlEncoder(const std::string& instance) : writer_(instance) {}

  bool add(const QueuedRecords& records, const Redactor& redactor, ByteSink& out) override {
    CHECK(records.exchange != nullptr);
    return writer_.write(view_.of(*records.exchange, redactor), out);
  }
  bool flush(ByteSink&) override { return true; }
  bool finish(ByteSink&) override { return true; }
  void restart() override {}
  std::size_t pending() const override { return 0; }
  std::uint32_t state() const override { return 0; }
  void rewind(std::uint32_t) override {}

 private:
  JsonlWriter writer_;
  RecordedView view_;
};

}  // namespace

std::unique_ptr<RecordingEncoder> make_jsonl_encoder(const std::string& instance) {
  return std::make_unique<JsonlEncoder>(instance);
}

}  // namespace understudy
