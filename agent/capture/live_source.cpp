#include "agent/capture/live_source.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "agent/capture/packet_socket.hpp"
#include "traffic/base/native_socket.hpp"

namespace understudy {
namespace {

constexpr Nanoseconds look_period = std::chrono::milliseconds(100);
constexpr Nanoseconds retry_delay_first = std::chrono::milliseconds(50);
constexpr Nanoseconds retry_delay_max = std::chrono::seconds(2);

EngineStatistics operator+(const EngineStatistics& a, const EngineStatistics& b) {
  return {a.packets_received + b.packets_received, a.dropped_by_kernel + b.dropped_by_kernel,
          a.dropped_by_interface + b.dropped_by_interface};
}

}  // namespace

Result<std::unique_ptr<LiveSource>> LiveSource::open(const std::string& interface, const LiveOptions& options,
                                                     std::optional<std::uint16_t> fan_out_group) {
  std::unique_ptr<LiveSource> source(new LiveSource(interface, options, fan_out_group));
  bool is_down = false;
  Result<std::unique_ptr<PcapHandle>> handle = PcapHandle::open(interface, options, fan_out_group, is_down);
  if (handle) {
    source->handle_ = *std::move(handle);
  } else if (is_down) {
    source->close(fmt::format("{} is down; waiting for it", interface));
  } else {
    return tl::unexpected(std::move(handle.error()));
  }
  return source;
}

void LiveSource::tell(const std::string& event) const {
  if (options_.on_event) {
    options_.on_event(event);
  }
}

EngineStatistics LiveSource::statistics() const {
  return handle_ == nullptr ? of_closed_ : of_closed_ + handle_->statistics();
}

void LiveSource::discard_before(WallTime time) {
  if (handle_ != nullptr) {
    handle_->discard_before(time);
  }
}

void LiveSource::close(const std::string& why) {
  of_closed_ = statistics();
  handle_.reset();
  state_ = State::gone;
  retry_delay_ = retry_delay_first;
  due_ = system_clock().monotonic_now() + retry_delay_;
  last_problem_.clear();
  tell(why);
}

bool LiveSource::dispatch(PacketHandler& handler, int packets_max) {
  const std::optional<int> count = handle_->dispatch(handler, packets_max);
  if (!count) {
    close(fmt::format("capture on {} broke off: {}; opening it again", interface_, handle_->error()));
    return false;
  }
  return *count > 0;
}

void LiveSource::on_socket_error() {
  static_cast<void>(take_socket_error(handle_->descriptor()));  // so that poll(2) waits again
  look_at_interface();
}

// The kernel reports an interface that goes down once, and says nothing more when it is deleted after that. So it is
// looked at until it is up.
void LiveSource::look_at_interface() {
  if (handle_->interface_index() == 0) {
    return;  // "any" is never down
  }
  const InterfaceState now = interface_state(interface_);
  if (now.index != handle_->interface_index()) {
    close(fmt::format("{} is gone; waiting for it to come back", interface_));
    return;
  }
  if (now.up && state_ == State::down) {
    tell(fmt::format("{} is up again", interface_));
  } else if (!now.up && state_ == State::capturing) {
    tell(fmt::format("{} went down; waiting for it to come up", interface_));
  }
  state_ = now.up ? State::capturing : State::down;
  due_ = system_clock().monotonic_now() + look_period;
}

void LiveSource::reopen() {
  bool is_down = false;
  Result<std::unique_ptr<PcapHandle>> handle = PcapHandle::open(interface_, options_, fan_out_group_, is_down);
  if (handle) {
    handle_ = *std::move(handle);
    state_ = State::capturing;
    tell(fmt::format("capturing on {} again", interface_));
    return;
  }
  // Gone or down is what close() told; anything else, such as a permission given up meanwhile, is told once.
  if (const Error& error = handle.error(); error.code != ExitCode::no_interface && error.message != last_problem_) {
    last_problem_ = error.message;
    tell(error.message);
  }
  retry_delay_ = std::min(retry_delay_ * 2, retry_delay_max);
  due_ = system_clock().monotonic_now() + retry_delay_;
}

Nanoseconds LiveSource::attend(MonotonicTime now) {
  if (state_ == State::capturing) {
    return Nanoseconds::max();
  }
  if (now >= due_) {
    state_ == State::gone ? reopen() : look_at_interface();
  }
  return state_ == State::capturing ? Nanoseconds::max() : std::max(due_ - now, Nanoseconds::zero());
}

}  // namespace understudy
