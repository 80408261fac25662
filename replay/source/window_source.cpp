#include "replay/source/window_source.hpp"

#include <utility>

#include "traffic/recording/report_counter.hpp"

namespace understudy {
namespace {

constexpr Nanoseconds late_max = std::chrono::minutes(1);

class WindowSource final : public ExchangeSource {
 public:
  WindowSource(std::unique_ptr<ExchangeSource> source, std::optional<TimeBound> from, std::optional<TimeBound> to,
               std::optional<WallTime> first)
      : source_(std::move(source)), from_(from), to_(to), first_(first) {}

  [[nodiscard]] Result<ExchangePtr> next() override {
    while (!ended_) {
      auto exchange = source_->next();
      if (!exchange || *exchange == nullptr) return exchange;
      const WallTime time = (*exchange)->request->first_byte;
      if (!first_) first_ = time;
      if (from_ && time < resolve(*from_)) continue;
      if (to_ && time >= resolve(*to_)) {
        ended_ = time >= resolve(*to_) + late_max;
        continue;
      }
      given_.count(**exchange);
      return exchange;
    }
    return nullptr;
  }

  [[nodiscard]] const RecordingReport& report() const override {
    report_ = source_->report();
    report_.exchanges = given_.report.exchanges;
    report_.responses = given_.report.responses;
    report_.first = given_.report.first;
    report_.last = given_.report.last;
    report_.servers = given_.report.servers;
    return report_;
  }

 private:
  [[nodiscard]] WallTime resolve(const TimeBound& bound) const {
    if (const auto* offset = std::get_if<Nanoseconds>(&bound)) return *first_ + *offset;
    return std::get<WallTime>(bound);
  }

  const std::unique_ptr<ExchangeSource> source_;
  const std::optional<TimeBound> from_;
  const std::optional<TimeBound> to_;
  std::optional<WallTime> first_;
  ReportCounter given_;
  mutable RecordingReport report_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<ExchangeSource> cut_window(std::unique_ptr<ExchangeSource> source, std::optional<TimeBound> from,
                                           std::optional<TimeBound> to, std::optional<WallTime> first) {
  if (!from && !to) return source;
  return std::make_unique<WindowSource>(std::move(source), from, to, first);
}

}  // namespace understudy
