#include "agent/capture/npcap_source_win32.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace understudy {
namespace {

constexpr Nanoseconds retry_delay_first = std::chrono::milliseconds(50);
constexpr Nanoseconds retry_delay_max = std::chrono::seconds(2);

EngineStatistics sum(const EngineStatistics& a, const EngineStatistics& b) {
  return {a.packets_received + b.packets_received, a.dropped_by_kernel + b.dropped_by_kernel,
          a.dropped_by_interface + b.dropped_by_interface, a.counts_drops && b.counts_drops};
}

}  // namespace

Result<std::unique_ptr<NpcapSource>> NpcapSource::open(std::shared_ptr<const NpcapLibrary> library,
                                                       const Interface& interface, const LiveOptions& options) {
  Result<std::unique_ptr<NpcapHandle>> handle = NpcapHandle::open(library, interface, options);
  if (!handle) return tl::unexpected(std::move(handle.error()));
  std::unique_ptr<NpcapSource> source(new NpcapSource(std::move(library), interface, options));
  source->handle_ = *std::move(handle);
  return source;
}

void NpcapSource::tell(const std::string& event) const {
  if (options_.on_event) options_.on_event(event);
}

EngineStatistics NpcapSource::statistics() {
  return handle_ == nullptr ? of_closed_ : sum(of_closed_, handle_->statistics());
}

int NpcapSource::dispatch(PacketHandler& handler, int packets_max) {
  if (handle_ == nullptr) return 0;
  if (const std::optional<int> count = handle_->dispatch(handler, packets_max)) return *count;
  tell(fmt::format("capture on {} broke off: {}; opening it again", interface_.name, handle_->error()));
  of_closed_ = statistics();
  handle_.reset();
  retry_delay_ = retry_delay_first;
  due_ = system_clock().monotonic_now() + retry_delay_;
  last_problem_.clear();
  return 0;
}

void NpcapSource::attend(MonotonicTime now) {
  if (handle_ != nullptr || now < due_) return;
  Result<std::unique_ptr<NpcapHandle>> handle = NpcapHandle::open(library_, interface_, options_);
  if (handle) {
    handle_ = *std::move(handle);
    tell(fmt::format("capturing on {} again", interface_.name));
    return;
  }
  // That it is gone was told when it broke off; anything else is told once.
  if (const Error& error = handle.error(); error.code != ExitCode::no_interface && error.message != last_problem_) {
    last_problem_ = error.message;
    tell(error.message);
  }
  retry_delay_ = std::min(retry_delay_ * 2, retry_delay_max);
  due_ = now + retry_delay_;
}

}  // namespace understudy
