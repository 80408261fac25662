#include "traffic/recording/take_writer.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "traffic/recording/append_file.hpp"
#include "traffic/recording/take_capture_view.hpp"
#include "traffic/recording/take_encoder.hpp"

namespace understudy {
namespace {

// The source's losses, as a converter knows them: both sides in one.
TakeLedger ledger_of(const LedgerTotals& source) {
  TakeLedger ledger;
  ledger.capture = source;
  ledger.recording.seen = source.delivered;
  ledger.recording.delivered = source.delivered;
  return ledger;
}

std::string text_of(const RecordingReport& source) {
  if (source.completeness != Completeness::incomplete) return {};
  if (source.damage.empty())
    return source.ledger ? fmt::format("{} requests were lost", source.ledger->lost_total()) : "";
  return source.damage.front().text;
}

class TakeWriter final : public ExchangeWriter {
 public:
  TakeWriter(std::string path, std::unique_ptr<AppendFile> file, TakeEncoderOptions options)
      : path_(std::move(path)), file_(std::move(file)), encoder_(std::move(options)) {}

  Result<void> write(const Exchange& exchange) override {
    const TakeExchange& view = view_.of(exchange);
    if (view.request.head.empty()) {
      return fail(ExitCode::output_failed, fmt::format("cannot write a request without its head into '{}'", path_));
    }
    const std::size_t heads = view.request.head.size() + (view.response ? view.response->head.size() : 0);
    if (heads > take_payload_max) {
      return fail(ExitCode::output_failed,
                  fmt::format("cannot write a message with {} bytes of head into '{}'", heads, path_));
    }
    return check(encoder_.add(view, *file_));
  }

  Result<void> finish(const RecordingReport& report) override {
    const TakeStatement statement{report.completeness, text_of(report)};
    std::optional<TakeLedger> ledger;
    if (report.ledger) ledger = ledger_of(*report.ledger);
    return check(encoder_.finish(ledger ? &*ledger : nullptr, &statement, *file_) && file_->flush());
  }

 private:
  [[nodiscard]] Result<void> check(bool written) const {
    if (written) return {};
    return fail(ExitCode::output_failed,
                fmt::format("writing the recording '{}' failed: {}. It ends without its certificate", path_,
                            file_->failure_text()));
  }

  const std::string path_;
  const std::unique_ptr<AppendFile> file_;
  TakeEncoder encoder_;
  TakeCaptureView view_;
};

}  // namespace

Result<std::unique_ptr<ExchangeWriter>> make_take_writer(const std::string& path, const TakeWriteOptions& options) {
  TakeEncoderOptions encoder;
  encoder.compression_level = options.compression_level;
  const std::pair<std::string_view, const std::string&> texts[] = {{"version", options.program_version},
                                                                   {"note", options.origin}};
  for (const auto& [name, text] : texts) {
    if (!text.empty()) encoder.origin.emplace_back(name, text);
  }
  if (!options.key_file.empty()) {
    auto key = TakeKey::load(options.key_file, ExitCode::output_failed);
    if (!key) return tl::unexpected(key.error());
    encoder.key = *key;
  }
  std::error_code ignored;
  if (path != "-" && std::filesystem::is_regular_file(path, ignored) && std::filesystem::file_size(path, ignored) > 0) {
    return fail(ExitCode::output_failed,
                fmt::format("'{}' has content already and is not overwritten. Name another file, or remove it", path));
  }
  auto file = AppendFile::open(path, RecordEnd::none);
  if (!file) return tl::unexpected(file.error());
  return std::unique_ptr<ExchangeWriter>(std::make_unique<TakeWriter>(path, std::move(*file), std::move(encoder)));
}

}  // namespace understudy
