#include "replay/source/inspect.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "replay/route/route_table.hpp"
#include "replay/source/distinct_count.hpp"
#include "traffic/base/check.hpp"

namespace understudy {
namespace {

// The most requests in one second of the clock, of requests that come nearly in order: seconds are counted as long as
// they are among the latest ones.
class PeakSecond {
 public:
  void count(WallTime time) {
    const auto second = std::chrono::floor<std::chrono::seconds>(time);
    const auto number = static_cast<std::uint64_t>(second.time_since_epoch().count());
    Slot& slot = slots_[number % slots_.size()];
    if (slot.second != second) {
      if (slot.count != 0 && slot.second > second) return;  // so late that its second is forgotten
      slot = {second, 0};
    }
    if (++slot.count <= peak_) return;
    peak_ = slot.count;
    peak_at_ = second;
  }
  [[nodiscard]] std::uint64_t peak() const { return peak_; }
  [[nodiscard]] std::optional<WallTime> peak_at() const { return peak_at_; }

 private:
  struct Slot {
    std::chrono::sys_seconds second;
    std::uint64_t count = 0;
  };
  std::array<Slot, 256> slots_{};
  std::uint64_t peak_ = 0;
  std::optional<WallTime> peak_at_;
};

class Inspector {
 public:
  Inspector() {
    auto routes = RouteTable::compile({});
    CHECK(routes.has_value());  // no pattern, so none is wrong
    routes_ = std::make_unique<RouteTable>(std::move(*routes));
  }

  void count(const Exchange& exchange);
  [[nodiscard]] Inspection finish(const RecordingReport& report);

 private:
  static void count_body(BodyTotals& totals, const Body& body);
  void count_method(std::string_view method);

  Inspection result_;
  PeakSecond peak_;
  std::unique_ptr<RouteTable> routes_;
  DistinctCount sessions_;
};

void Inspector::count_body(BodyTotals& totals, const Body& body) {
  if (body.content_size() == 0) return;
  ++totals.messages;
  totals.bytes += body.content_size();
  totals.largest = std::max(totals.largest, body.content_size());
  if (!body.is_kept()) ++totals.not_kept;
}

void Inspector::count_method(std::string_view method) {
  std::vector<CountedName>& methods = result_.methods;
  auto known = std::find_if(methods.begin(), methods.end(), [&](const CountedName& m) { return m.name == method; });
  if (known == methods.end() && methods.size() >= Inspection::methods_max) {
    known = std::find_if(methods.begin(), methods.end(), [](const CountedName& m) { return m.name == "other"; });
    method = "other";
  }
  if (known == methods.end()) known = methods.insert(methods.end(), {std::string(method), 0});
  ++known->count;
}

void Inspector::count(const Exchange& exchange) {
  const CapturedRequest& request = *exchange.request;
  peak_.count(request.first_byte);
  count_method(request.message.method());
  static_cast<void>(routes_->route_of(request.message.method(), request.message.target()));
  count_body(result_.request_bodies, request.message.body());
  sessions_.add(request.session);
  if (!exchange.response) {
    ++result_.responses_missing;
    return;
  }
  ++result_.statuses[exchange.response->message.status()];
  if (!exchange.response->complete) ++result_.responses_cut;
  count_body(result_.response_bodies, exchange.response->message.body());
}

Inspection Inspector::finish(const RecordingReport& report) {
  result_.report = report;
  if (report.first && report.last) result_.duration = *report.last - *report.first;
  if (result_.duration >= std::chrono::milliseconds(1)) {
    result_.requests_per_second =
        static_cast<double>(report.exchanges) / std::chrono::duration<double>(result_.duration).count();
  }
  result_.sessions = sessions_.count();
  result_.sessions_are_exact = sessions_.is_exact();
  result_.sessions_are_known = report.sessions_known;
  result_.peak_second = peak_.peak();
  result_.peak_at = peak_.peak_at();
  const auto most_first = [](const CountedName& a, const CountedName& b) {
    return a.count != b.count ? a.count > b.count : a.name < b.name;
  };
  std::sort(result_.methods.begin(), result_.methods.end(), most_first);
  for (const RouteId id : routes_->routes()) {
    if (id == RouteTable::other) {
      result_.routes_other = routes_->requests(id);
    } else {
      result_.routes.push_back({std::string(routes_->name(id)), routes_->requests(id)});
    }
  }
  result_.routes_distinct = result_.routes.size();
  std::sort(result_.routes.begin(), result_.routes.end(), most_first);
  if (result_.routes.size() > Inspection::routes_shown_max) result_.routes.resize(Inspection::routes_shown_max);
  return std::move(result_);
}

}  // namespace

Result<Inspection> inspect(ExchangeSource& source) {
  Inspector inspector;
  while (true) {
    auto exchange = source.next();
    if (!exchange) return tl::unexpected(exchange.error());
    if (*exchange == nullptr) return inspector.finish(source.report());
    inspector.count(**exchange);
  }
}

}  // namespace understudy
