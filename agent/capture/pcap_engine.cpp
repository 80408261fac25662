#include "agent/capture/pcap_engine.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>

#include <algorithm>

#include "agent/capture/live_source.hpp"
#include "agent/capture/pcap_handle.hpp"
#include "agent/capture/published_statistics.hpp"
#include "agent/capture/stop_event.hpp"

namespace understudy {
namespace {

// How many packets of one interface are handed out before the others and stop() are looked at.
constexpr int packets_per_dispatch = 4096;
constexpr Nanoseconds statistics_period = std::chrono::milliseconds(100);
constexpr std::size_t mebibyte = 1048576;

class PcapEngine final : public Engine {
 public:
  PcapEngine(std::vector<std::unique_ptr<LiveSource>> sources, std::unique_ptr<StopEvent> stop, std::string description,
             bool discards_backlog)
      : sources_(std::move(sources)),
        stop_(std::move(stop)),
        description_(std::move(description)),
        discards_backlog_(discards_backlog) {}

  Result<PollOutcome> poll(PacketHandler& handler, Nanoseconds wait) override;
  void stop() override { stop_->request(); }
  EngineStatistics statistics() const override { return statistics_.get(); }
  std::string description() const override { return description_; }

 private:
  // Whether one of the descriptors is ready before `wait` has passed.
  [[nodiscard]] bool wait_for_packets(Nanoseconds wait);
  [[nodiscard]] bool hand_out(PacketHandler& handler);

  std::vector<std::unique_ptr<LiveSource>> sources_;
  std::unique_ptr<StopEvent> stop_;
  const std::string description_;
  bool discards_backlog_;
  std::vector<pollfd> events_;  // one for each source, and the last for stop()
  MonotonicTime statistics_due_;
  PublishedStatistics statistics_;
};

Result<PollOutcome> PcapEngine::poll(PacketHandler& handler, Nanoseconds wait) {
  if (discards_backlog_) {
    discards_backlog_ = false;
    for (const auto& source : sources_) {
      source->discard_before(system_clock().wall_now());
    }
  }
  const MonotonicTime now = system_clock().monotonic_now();
  for (const auto& source : sources_) {
    wait = std::min(wait, source->attend(now));
  }
  const bool packets = wait_for_packets(wait) && hand_out(handler);
  const bool stopped = stop_->requested();
  if (stopped || now >= statistics_due_) {
    statistics_.publish(sources_);
    statistics_due_ = now + statistics_period;
  }
  if (stopped) {
    return PollOutcome::end;
  }
  return packets ? PollOutcome::packets : PollOutcome::idle;
}

bool PcapEngine::wait_for_packets(Nanoseconds wait) {
  events_.clear();
  for (const auto& source : sources_) {
    events_.push_back({source->descriptor(), POLLIN, 0});  // poll(2) passes over -1
  }
  events_.push_back({stop_->handle(), POLLIN, 0});
  const auto nanoseconds = std::max<std::int64_t>(wait.count(), 0);
  const timespec timeout{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
  // A signal ends the wait early, which is as good as its end.
  return ::ppoll(events_.data(), events_.size(), &timeout, nullptr) > 0;
}

bool PcapEngine::hand_out(PacketHandler& handler) {
  bool any = false;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const short events = events_[i].revents;
    if ((events & ~POLLIN) != 0) {
      sources_[i]->on_socket_error();
    }
    if ((events & POLLIN) != 0) {
      any = sources_[i]->dispatch(handler, packets_per_dispatch) || any;
    }
  }
  return any;
}

// Each once; "any" stands for all the others, which would show every packet a second time.
std::vector<std::string> distinct(const std::vector<std::string>& interfaces) {
  std::vector<std::string> names;
  for (const std::string& name : interfaces) {
    if (name == any_interface) {
      return {name};
    }
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  }
  return names.empty() ? std::vector<std::string>{std::string(any_interface)} : names;
}

}  // namespace

Result<std::unique_ptr<Engine>> open_live(const LiveOptions& options) {
  Result<std::unique_ptr<StopEvent>> stop = StopEvent::create();
  if (!stop) {
    return tl::unexpected(std::move(stop.error()));
  }
  const std::vector<std::string> names = distinct(options.interfaces);
  std::vector<std::unique_ptr<LiveSource>> sources;
  for (const std::string& name : names) {
    std::optional<std::uint16_t> group;
    if (options.fan_out) {
      group = static_cast<std::uint16_t>(options.fan_out->group + sources.size());
    }
    Result<std::unique_ptr<LiveSource>> source = LiveSource::open(name, options, group);
    if (!source) {
      return tl::unexpected(std::move(source.error()));
    }
    sources.push_back(*std::move(source));
  }
  std::string description =
      fmt::format("libpcap on {} (buffer {} MiB, snap length {}, delivery within {} ms)", fmt::join(names, ", "),
                  options.buffer_bytes / mebibyte, options.snap_length, options.delivery_delay.count() / 1'000'000);
  return std::make_unique<PcapEngine>(std::move(sources), *std::move(stop), std::move(description),
                                      options.fan_out.has_value());
}

}  // namespace understudy
