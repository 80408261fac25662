#include "agent/check/traffic_check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "agent/capture/link_type.hpp"
#include "agent/check/payload_kind.hpp"
#include "agent/decode/decoder.hpp"

namespace understudy {
namespace {

constexpr Nanoseconds poll_wait = std::chrono::milliseconds(100);
constexpr Nanoseconds enough_time = std::chrono::seconds(1);  // when requests and responses were seen
constexpr std::size_t buffer_bytes_max = std::size_t{4} << 20;

// Counts the port's segments, and which interface their packets came from where the link layer tells it.
class TrafficCounter final : public PacketHandler, private SegmentHandler {
 public:
  TrafficCounter(const CheckRequest& request, const std::vector<Interface>& interfaces)
      : ports_(request.ports), interfaces_(interfaces), decoder_(decode_options(request), *this) {}

  void on_packet(const PacketView& packet) override {
    interface_index_ = 0;
    if (packet.link_type == link_type::linux_cooked_v2 && packet.data.size() >= 8) {
      interface_index_ = load_be32(packet.data.data() + 4);  // www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html
    }
    decoder_.on_packet(packet);
  }

  [[nodiscard]] bool has_seen_enough() const { return sample_.requests > 0 && sample_.responses > 0; }
  [[nodiscard]] std::uint64_t packets() const { return sample_.packets(); }

  [[nodiscard]] TrafficSample result() {
    sample_.undecoded = decoder_.statistics().problems();
    sample_.cut = decoder_.statistics().segments_cut.value();
    for (const Interface& interface : interfaces_) {
      const bool seen = std::find(indices_.begin(), indices_.end(), interface.index) != indices_.end();
      if (interface.index == 0 || !seen) continue;
      sample_.interfaces.push_back(interface.name);
      if (!interface.loopback) ++sample_.networks;
    }
    return sample_;
  }

 private:
  static DecodeOptions decode_options(const CheckRequest& request) {
    DecodeOptions options;
    options.ports = request.ports;
    options.addresses = request.capture.filter.addresses;
    options.tunnels = request.tunnels;
    return options;
  }

  void on_segment(const TcpSegment& segment) override {
    const bool to_server = std::find(ports_.begin(), ports_.end(), segment.destination.port) != ports_.end();
    ++(to_server ? sample_.packets_to_server : sample_.packets_to_client);
    if (interface_index_ != 0 && std::find(indices_.begin(), indices_.end(), interface_index_) == indices_.end()) {
      indices_.push_back(interface_index_);
    }
    if (segment.payload.empty()) return;
    switch (classify_payload(as_text(segment.payload))) {
      case PayloadKind::http_request: ++sample_.requests; break;
      case PayloadKind::http_response: ++sample_.responses; break;
      case PayloadKind::http2: ++sample_.http2; break;
      case PayloadKind::tls: ++sample_.tls; break;
      case PayloadKind::other: ++sample_.other; break;
    }
  }

  const std::vector<std::uint16_t>& ports_;
  const std::vector<Interface>& interfaces_;
  Decoder decoder_;
  TrafficSample sample_;
  std::uint32_t interface_index_ = 0;
  std::vector<std::uint32_t> indices_;  // a handful
};

LiveOptions live_options(const CheckRequest& request) {
  LiveOptions options = request.capture;
  options.buffer_bytes = std::min(options.buffer_bytes, buffer_bytes_max);
  options.fan_out.reset();
  options.on_event = {};
  return options;
}

// Which of the interfaces that were not asked for have packets of the port.
std::vector<std::string> look_elsewhere(const CheckRequest& request, const std::vector<Interface>& interfaces) {
  if (request.capture.interfaces.empty()) return {};  // all were looked at
  CheckRequest all = request;
  all.capture.interfaces.clear();
  const Result<ChosenEngine> chosen = open_engine(engine_kinds(), request.engine, live_options(all));
  if (!chosen) return {};
  TrafficCounter counter(all, interfaces);
  const MonotonicTime end = system_clock().monotonic_now() + request.watch_time;
  while (counter.packets() == 0 && system_clock().monotonic_now() < end) {
    if (!chosen->engine->poll(counter, poll_wait)) break;
  }
  return counter.result().interfaces;
}

CheckItem failed_item(const Error& error) {
  CheckItem item;
  item.name = "packets";
  item.status = CheckStatus::failed;
  item.found = error.message;
  return item;
}

}  // namespace

CheckItem check_traffic(const CheckRequest& request, const std::vector<Interface>& interfaces) {
  const Result<ChosenEngine> chosen = open_engine(engine_kinds(), request.engine, live_options(request));
  if (!chosen) return failed_item(chosen.error());
  TrafficCounter counter(request, interfaces);
  const MonotonicTime start = system_clock().monotonic_now();
  MonotonicTime now = start;
  while (now - start < request.watch_time && !(counter.has_seen_enough() && now - start >= enough_time)) {
    const Result<PollOutcome> outcome = chosen->engine->poll(counter, poll_wait);
    if (!outcome) return failed_item(outcome.error());
    now = system_clock().monotonic_now();
  }
  TrafficSample sample = counter.result();
  const EngineStatistics statistics = chosen->engine->statistics();
  sample.dropped = statistics.dropped_by_kernel + statistics.dropped_by_interface;
  const std::vector<std::string> elsewhere =
      sample.packets() == 0 ? look_elsewhere(request, interfaces) : std::vector<std::string>{};
  CheckItem item = judge_traffic(sample, request, now - start, elsewhere);
  item.details.push_back(fmt::format("engine: {}; {}", to_string(chosen->choice), chosen->engine->description()));
  return item;
}

}  // namespace understudy
