#include "agent/capture/npcap_engine_win32.hpp"

#include <windows.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "agent/capture/npcap_devices_win32.hpp"
#include "agent/capture/npcap_source_win32.hpp"
#include "agent/capture/published_statistics.hpp"
#include "agent/capture/stop_event.hpp"

namespace understudy {
namespace {

constexpr int packets_per_dispatch = 4096;
constexpr Nanoseconds statistics_period = std::chrono::milliseconds(100);
constexpr Nanoseconds pause_max = std::chrono::milliseconds(16);
constexpr std::size_t mebibyte = 1048576;

class NpcapEngine final : public Engine {
 public:
  NpcapEngine(std::vector<std::unique_ptr<NpcapSource>> sources, std::unique_ptr<StopEvent> stop,
              Nanoseconds delivery_delay, std::string description)
      : sources_(std::move(sources)),
        stop_(std::move(stop)),
        delivery_delay_(std::clamp(delivery_delay, Nanoseconds(std::chrono::milliseconds(1)), pause_max)),
        description_(std::move(description)),
        pause_(delivery_delay_) {}

  Result<PollOutcome> poll(PacketHandler& handler, Nanoseconds wait) override;
  void stop() override { stop_->request(); }
  EngineStatistics statistics() const override { return statistics_.get(); }
  std::string description() const override { return description_; }

 private:
  void rest(Nanoseconds time);
  [[nodiscard]] bool hand_out(PacketHandler& handler);

  std::vector<std::unique_ptr<NpcapSource>> sources_;
  std::unique_ptr<StopEvent> stop_;
  const Nanoseconds delivery_delay_;
  const std::string description_;
  Nanoseconds pause_;
  bool more_ = true;  // the last look left packets behind, or there was none yet
  MonotonicTime statistics_due_;
  PublishedStatistics statistics_;
};

Result<PollOutcome> NpcapEngine::poll(PacketHandler& handler, Nanoseconds wait) {
  const MonotonicTime end = system_clock().monotonic_now() + wait;
  bool packets = false;
  for (;;) {
    // Packets gather meanwhile, so that many cost one look.
    if (!more_) rest(std::min(pause_, std::max(end - system_clock().monotonic_now(), Nanoseconds::zero())));
    packets = !stop_->requested() && hand_out(handler);
    pause_ = packets ? delivery_delay_ : std::min(pause_ * 2, pause_max);
    if (packets || stop_->requested() || system_clock().monotonic_now() >= end) break;
  }
  const MonotonicTime now = system_clock().monotonic_now();
  if (stop_->requested() || now >= statistics_due_) {
    statistics_.publish(sources_);
    statistics_due_ = now + statistics_period;
  }
  if (stop_->requested()) return PollOutcome::end;
  return packets ? PollOutcome::packets : PollOutcome::idle;
}

void NpcapEngine::rest(Nanoseconds time) {
  const auto milliseconds = static_cast<DWORD>((time.count() + 999'999) / 1'000'000);
  ::WaitForSingleObject(stop_->handle(), milliseconds);
}

bool NpcapEngine::hand_out(PacketHandler& handler) {
  const MonotonicTime now = system_clock().monotonic_now();
  bool any = false;
  more_ = false;
  for (const auto& source : sources_) {
    source->attend(now);
    const int count = source->dispatch(handler, packets_per_dispatch);
    any = any || count > 0;
    more_ = more_ || count == packets_per_dispatch;
  }
  return any;
}

std::string names_of(const std::vector<Interface>& interfaces) {
  std::vector<std::string> names;
  names.reserve(interfaces.size());
  for (const Interface& interface : interfaces) names.push_back(interface.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

// Those that are named, each once; or all that are up.
Result<std::vector<Interface>> chosen_from(const std::vector<Interface>& listed,
                                           const std::vector<std::string>& wanted) {
  std::vector<Interface> chosen;
  for (const std::string& name : wanted) {
    const auto is_it = [&](const Interface& interface) { return is_called(interface, name); };
    const auto found = std::find_if(listed.begin(), listed.end(), is_it);
    if (found == listed.end()) {
      return fail(ExitCode::no_interface,
                  fmt::format("there is no network interface '{}' for Npcap; there are: {}", name, names_of(listed)));
    }
    if (std::find_if(chosen.begin(), chosen.end(), is_it) == chosen.end()) chosen.push_back(*found);
  }
  if (!wanted.empty()) return chosen;
  std::copy_if(listed.begin(), listed.end(), std::back_inserter(chosen),
               [](const Interface& interface) { return interface.up || interface.loopback; });
  if (chosen.empty()) {
    return fail(ExitCode::no_interface,
                fmt::format("no network interface of Npcap is up; there are: {}", names_of(listed)));
  }
  return chosen;
}

// All of them, or with `one_is_enough` those that open; the first error when none does.
Result<std::vector<std::unique_ptr<NpcapSource>>> open_sources(const std::shared_ptr<const NpcapLibrary>& library,
                                                               std::vector<Interface>& interfaces, bool one_is_enough,
                                                               const LiveOptions& options) {
  std::vector<std::unique_ptr<NpcapSource>> sources;
  std::vector<Interface> opened;
  std::optional<Error> first_error;
  for (const Interface& interface : interfaces) {
    Result<std::unique_ptr<NpcapSource>> source = NpcapSource::open(library, interface, options);
    if (source) {
      sources.push_back(*std::move(source));
      opened.push_back(interface);
      continue;
    }
    if (!one_is_enough || source.error().code == ExitCode::bad_filter) return tl::unexpected(source.error());
    if (options.on_event) options.on_event(source.error().message);
    if (!first_error) first_error = source.error();
  }
  if (sources.empty()) return tl::unexpected(*first_error);
  interfaces = std::move(opened);
  return sources;
}

}  // namespace

Result<std::unique_ptr<Engine>> open_npcap(const LiveOptions& options) {
  if (options.fan_out) {
    return fail(ExitCode::usage,
                "several workers need Linux, whose kernel shares packets by flow; leave --workers at 1");
  }
  Result<std::shared_ptr<const NpcapLibrary>> library = NpcapLibrary::load();
  if (!library) return tl::unexpected(std::move(library.error()));
  const Result<std::vector<Interface>> listed = list_npcap_devices(**library);
  if (!listed) return tl::unexpected(listed.error());
  Result<std::vector<Interface>> interfaces = chosen_from(*listed, options.interfaces);
  if (!interfaces) return tl::unexpected(std::move(interfaces.error()));
  LiveOptions each = options;
  if (options.interfaces.empty()) {
    each.buffer_bytes = std::max(options.buffer_bytes / interfaces->size(), mebibyte);
  }
  auto sources = open_sources(*library, *interfaces, options.interfaces.empty(), each);
  if (!sources) return tl::unexpected(std::move(sources.error()));
  Result<std::unique_ptr<StopEvent>> stop = StopEvent::create();
  if (!stop) return tl::unexpected(std::move(stop.error()));
  std::string description =
      fmt::format("{} on {} (buffer {} MiB each, snap length {})", (*library)->functions().lib_version(),
                  names_of(*interfaces), each.buffer_bytes / mebibyte, options.snap_length);
  return std::make_unique<NpcapEngine>(*std::move(sources), *std::move(stop), options.delivery_delay,
                                       std::move(description));
}

Result<std::string> probe_npcap() {
  const Result<std::shared_ptr<const NpcapLibrary>> library = NpcapLibrary::load();
  if (!library) return tl::unexpected(library.error());
  const Result<std::vector<Interface>> listed = list_npcap_devices(**library);
  if (!listed) return tl::unexpected(listed.error());
  return fmt::format("{}, {} interfaces", (*library)->description(), listed->size());
}

}  // namespace understudy
