#include "replay/source/merged_source.hpp"

#include <algorithm>
#include <utility>

#include "replay/source/report_sum.hpp"
#include "traffic/recording/time_merge.hpp"

namespace understudy {
namespace {

// The reports of all parts: of those that have ended, and of those that are open.
struct ReportBook {
  RecordingReport ended;
  std::vector<const ExchangeSource*> open;
};

// One part's exchanges, as TimeMerge wants them.
class ExchangeStream {
 public:
  ExchangeStream(std::unique_ptr<ExchangeSource> source, ReportBook& book) : source_(std::move(source)), book_(book) {
    book_.open.push_back(source_.get());
  }
  ~ExchangeStream() {
    add_report(book_.ended, source_->report());
    std::erase(book_.open, source_.get());
  }
  ExchangeStream(const ExchangeStream&) = delete;
  ExchangeStream& operator=(const ExchangeStream&) = delete;

  [[nodiscard]] WallTime time() const { return current_->request->first_byte; }
  [[nodiscard]] Result<bool> advance() {
    auto exchange = source_->next();
    if (!exchange) return tl::unexpected(exchange.error());
    current_ = std::move(*exchange);
    return current_ != nullptr;
  }
  [[nodiscard]] ExchangePtr take() const { return current_; }

 private:
  const std::unique_ptr<ExchangeSource> source_;
  ReportBook& book_;
  ExchangePtr current_;
};

using Merge = TimeMerge<ExchangeStream>;

class MergedSource final : public ExchangeSource {
 public:
  explicit MergedSource(std::vector<MergePart> parts) : merge_(candidates(std::move(parts))) {}

  [[nodiscard]] Result<ExchangePtr> next() override {
    auto stream = merge_.next();
    if (!stream) return tl::unexpected(stream.error());
    return *stream == nullptr ? nullptr : (*stream)->take();
  }

  [[nodiscard]] const RecordingReport& report() const override {
    sum_ = book_.ended;
    for (const ExchangeSource* source : book_.open) add_report(sum_, source->report());
    return sum_;
  }

 private:
  std::vector<Merge::Candidate> candidates(std::vector<MergePart> parts) {
    std::vector<Merge::Candidate> all;
    for (MergePart& part : parts) {
      all.push_back({part.not_before, [this, open = std::move(part.open)]() -> Result<std::unique_ptr<ExchangeStream>> {
                       auto source = open(book_.open.size());
                       if (!source) return tl::unexpected(source.error());
                       return std::make_unique<ExchangeStream>(std::move(*source), book_);
                     }});
    }
    return all;
  }

  ReportBook book_;  // outlives the streams
  Merge merge_;
  mutable RecordingReport sum_;
};

}  // namespace

std::unique_ptr<ExchangeSource> merge_sources(std::vector<MergePart> parts) {
  return std::make_unique<MergedSource>(std::move(parts));
}

}  // namespace understudy
