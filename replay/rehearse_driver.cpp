#include "replay/rehearse_driver.hpp"

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <utility>

#include "replay/report/reports.hpp"
#include "replay/run_execution.hpp"

namespace understudy {
namespace {

// The trace id of a traceparent (W3C Trace Context, 3.2.2): version, 32 digits, ... Another header's value is the id.
[[nodiscard]] std::string trace_id(std::string_view value) {
  constexpr std::size_t version_size = 3;
  constexpr std::size_t id_size = 32;
  const bool is_traceparent = value.size() >= version_size + id_size + 1 && value[2] == '-' && value[35] == '-';
  return std::string(is_traceparent ? value.substr(version_size, id_size) : value);
}

// What requests were sent when, as their answers come, on the shards' threads.
class RequestBook {
 public:
  static constexpr std::size_t requests_max = 2'000'000;

  explicit RequestBook(std::string header) : header_(std::move(header)) {}

  void add(const CompletedRequest& request) {
    const WallTime now = system_clock().wall_now();
    Entry entry{request.item.route, {}, now - request.answers.front().latency, now};
    if (const auto value = request.item.exchange->request->message.field(header_)) entry.trace = trace_id(*value);
    const std::lock_guard lock(mutex_);
    if (entries_.size() < requests_max) entries_.push_back(std::move(entry));
  }
  [[nodiscard]] std::vector<PlayedRequest> requests(const RouteTable& routes) {
    std::vector<PlayedRequest> requests;
    for (Entry& entry : entries_) {
      requests.push_back({std::string(routes.name(entry.route)), std::move(entry.trace), entry.sent, entry.answered});
    }
    return requests;
  }

 private:
  struct Entry {
    RouteId route;
    std::string trace;
    WallTime sent;
    WallTime answered;
  };
  const std::string header_;
  std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace

Result<ReplayOptions> planned_run(const RehearsalPlan& plan, const std::string& url,
                                  const std::vector<std::string>& extra) {
  auto parsed = parse_replay_command(run_arguments(plan, url, extra));
  if (!parsed) return tl::unexpected(parsed.error());
  if (!parsed->options) return fail(ExitCode::configuration, plan.path + ": the plan's flags are not those of a run");
  return std::move(*parsed->options);
}

Result<ReplayOptions> RunDriver::options_for(const std::string& url, const std::vector<std::string>& extra) const {
  std::vector<std::string> all = extra;
  if (quiet_) all.emplace_back("--quiet");
  return planned_run(plan_, url, all);
}

Result<void> RunDriver::check(const std::string& url) {
  auto options = options_for(url, {});
  if (!options) return tl::unexpected(options.error());
  return {};
}

Result<PlayedRun> RunDriver::play(const PlayOrder& order) {
  std::vector<std::string> extra;
  // Taken after the plan's own: of a warm-up the shorter one counts.
  auto options = options_for(order.url, extra);
  if (!options) return tl::unexpected(options.error());
  if (order.length) options->load.duration = std::min(options->load.duration.value_or(*order.length), *order.length);
  RequestBook book(order.trace_header);
  RunHooks hooks;
  hooks.stop_reason = order.stop_reason;
  if (!order.trace_header.empty()) hooks.on_completed = [&book](const CompletedRequest& request) { book.add(request); };
  auto execution = RunExecution::create(*options, signals_, std::move(hooks));
  if (!execution) return tl::unexpected(execution.error());
  PlayedRun played;
  played.result = (*execution)->play();
  const std::optional<Error> failure = (*execution)->failure();
  if (failure && (failure->code == ExitCode::refused || (*execution)->planned() == 0)) return tl::unexpected(*failure);
  if (!order.trace_header.empty()) played.requests = book.requests((*execution)->routes());
  if (!order.out_folder.empty()) {
    if (auto written = write_results(order.out_folder, played.result); !written) return tl::unexpected(written.error());
  }
  return played;
}

}  // namespace understudy
