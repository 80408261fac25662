#include "traffic/recording/gor_writer.hpp"

#include <map>
#include <utility>

#include "traffic/recording/gor_format.hpp"
#include "traffic/recording/packed_output.hpp"

namespace understudy {
namespace {

void append_record(std::string& out, const GorMeta& meta, const HttpMessage& message) {
  append_gor_meta(out, meta);
  out += message.raw_head();
  for (const std::string_view slice : message.body().wire_slices()) out += slice;
  out += gor_separator;
}

class GorWriter final : public ExchangeWriter {
 public:
  explicit GorWriter(std::unique_ptr<PackedOutput> output) : output_(std::move(output)) {}

  [[nodiscard]] Result<void> write(const Exchange& exchange) override {
    const CapturedRequest& request = *exchange.request;
    if (!request.message.body().is_kept()) {
      note_left_out("requests whose body was only counted");
      return {};
    }
    if (number_ == 0) {
      // Ids of two files that are read together must differ; recordings begin at different times.
      const auto start = static_cast<std::uint64_t>(request.first_byte.time_since_epoch().count());
      seed_ = static_cast<std::uint32_t>((start * 0x9e3779b97f4a7c15) >> 32U);
    }
    while (!held_.empty() && held_.begin()->first < request.first_byte) {
      if (!write_held()) return output_->status();
    }
    std::string id;
    append_gor_id(id, seed_, ++number_);
    std::string text;
    append_record(text, {GorType::request, id, request.first_byte, request.last_byte - request.first_byte},
                  request.message);
    if (!output_->append(text)) return output_->status();
    if (exchange.response) hold(id, *exchange.response);
    while (held_bytes_ > gor_responses_held_bytes_max) {
      if (!write_held()) return output_->status();
    }
    return {};
  }

  [[nodiscard]] Result<void> finish(const RecordingReport&) override {
    while (!held_.empty() && write_held()) {
    }
    return output_->finish();
  }

  [[nodiscard]] std::vector<LeftOut> left_out() const override { return left_out_.left_out; }

 private:
  void hold(const std::string& id, const CapturedResponse& response) {
    if (!response.message.body().is_kept()) {
      note_left_out("responses whose body was only counted");
      return;
    }
    // Elsewhere the head tells that something is missing.
    if (!response.complete && response.message.framing() == BodyFraming::until_close) {
      note_left_out("that a response without a declared length was cut");
    }
    std::string text;
    append_record(text, {GorType::response, id, response.first_byte, response.last_byte - response.first_byte},
                  response.message);
    held_bytes_ += text.size();
    held_.emplace(response.first_byte, std::move(text));
  }

  [[nodiscard]] bool write_held() {
    const auto first = held_.begin();
    held_bytes_ -= first->second.size();
    const bool written = output_->append(first->second);
    held_.erase(first);
    return written;
  }

  void note_left_out(std::string_view reason) { left_out_.note_left_out(reason); }

  const std::unique_ptr<PackedOutput> output_;
  std::multimap<WallTime, std::string> held_;  // records of responses whose time has not come
  std::size_t held_bytes_ = 0;
  std::uint32_t seed_ = 0;
  std::uint64_t number_ = 0;
  RecordingReport left_out_;  // only its list of reasons
};

}  // namespace

Result<std::unique_ptr<ExchangeWriter>> make_gor_writer(const std::string& path, bool gzip) {
  auto output = PackedOutput::create(path, gzip);
  if (!output) return tl::unexpected(output.error());
  return std::make_unique<GorWriter>(std::move(*output));
}

}  // namespace understudy
