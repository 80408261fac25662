#include "traffic/recording/gor_source.hpp"

#include <utility>

#include "traffic/recording/gor_pairing.hpp"
#include "traffic/recording/gor_records.hpp"
#include "traffic/recording/report_counter.hpp"
#include "traffic/recording/time_merge.hpp"

namespace understudy {
namespace {

// One file's records, as TimeMerge wants them.
class RecordStream {
 public:
  RecordStream(std::unique_ptr<UnpackedInput> input, RecordingReport& report)
      : records_(std::move(input)), report_(report) {}

  [[nodiscard]] WallTime time() const { return records_.record().meta.start; }
  [[nodiscard]] Result<bool> advance() {
    auto more = records_.next(report_);
    report_.bytes += records_.input().bytes_read() - counted_;
    counted_ = records_.input().bytes_read();
    return more;
  }
  [[nodiscard]] GorRecords& records() { return records_; }

 private:
  GorRecords records_;
  RecordingReport& report_;
  std::uint64_t counted_ = 0;  // of the bytes read
};

using Merge = TimeMerge<RecordStream>;

class GorSource final : public ExchangeSource {
 public:
  GorSource(std::vector<GorFile> files, const GorReadOptions& options)
      : merge_(candidates(std::move(files), options.reorder_window)), pairing_(options, counter_.report) {
    begin();
  }
  GorSource(std::unique_ptr<UnpackedInput> input, const GorReadOptions& options)
      : merge_(candidates(std::move(input))), pairing_(options, counter_.report) {
    begin();
  }

  [[nodiscard]] Result<ExchangePtr> next() override {
    while (true) {
      if (ExchangePtr exchange = pairing_.pop(at_end_)) {
        counter_.count(*exchange);
        return exchange;
      }
      if (at_end_) return nullptr;
      auto stream = merge_.next();
      if (!stream) return tl::unexpected(stream.error());
      at_end_ = *stream == nullptr;
      if (at_end_) continue;
      auto added = pairing_.add((*stream)->records());
      if (!added) return tl::unexpected(added.error());
    }
  }
  [[nodiscard]] const RecordingReport& report() const override { return counter_.report; }

 private:
  void begin() {
    counter_.report.format = "gor";
    counter_.report.sessions_known = false;
  }

  std::vector<Merge::Candidate> candidates(std::vector<GorFile> files, Nanoseconds reorder_window) {
    std::vector<Merge::Candidate> all;
    for (GorFile& file : files) {
      all.push_back(
          {file.first - reorder_window, [this, path = std::move(file.path)]() -> Result<std::unique_ptr<RecordStream>> {
             auto input = UnpackedInput::open(path);
             if (!input) return tl::unexpected(input.error());
             ++counter_.report.files;
             return std::make_unique<RecordStream>(std::move(*input), counter_.report);
           }});
    }
    return all;
  }
  std::vector<Merge::Candidate> candidates(std::unique_ptr<UnpackedInput> input) {
    auto shared = std::make_shared<std::unique_ptr<UnpackedInput>>(std::move(input));
    std::vector<Merge::Candidate> all;
    all.push_back({WallTime(), [this, shared]() -> Result<std::unique_ptr<RecordStream>> {
                     ++counter_.report.files;
                     return std::make_unique<RecordStream>(std::move(*shared), counter_.report);
                   }});
    return all;
  }

  ReportCounter counter_;
  Merge merge_;
  GorPairing pairing_;
  bool at_end_ = false;
};

}  // namespace

std::unique_ptr<ExchangeSource> open_gor(std::vector<GorFile> files, const GorReadOptions& options) {
  return std::make_unique<GorSource>(std::move(files), options);
}

std::unique_ptr<ExchangeSource> open_gor(std::unique_ptr<UnpackedInput> input, const GorReadOptions& options) {
  return std::make_unique<GorSource>(std::move(input), options);
}

bool is_gor(std::string_view first_bytes) {
  GorMeta meta;
  std::size_t length = 0;
  return parse_gor_meta(first_bytes, meta, length) == GorMetaResult::valid;
}

std::optional<WallTime> first_gor_time(std::string_view first_bytes) {
  GorMeta meta;
  std::size_t length = 0;
  if (parse_gor_meta(first_bytes, meta, length) != GorMetaResult::valid) return std::nullopt;
  return meta.start;
}

}  // namespace understudy
