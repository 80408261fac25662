#include "agent/capture/pktmon_engine_win32.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <random>

#include "agent/capture/duplicate_filter.hpp"
#include "agent/capture/filter_program.hpp"
#include "agent/capture/handover_buffer.hpp"
#include "agent/capture/link_type.hpp"
#include "agent/capture/pktmon_format.hpp"
#include "agent/capture/pktmon_library_win32.hpp"
#include "agent/capture/stop_event.hpp"

namespace understudy {
namespace {

constexpr UINT16 ring_multiplier = 10;  // of 256 KiB; the largest that is taken
constexpr UINT16 packet_bytes_max = 9000;
constexpr UCHAR protocol_tcp = 6;
// A packet passes the components within microseconds; a loaded host may take longer.
constexpr Nanoseconds duplicate_window = std::chrono::milliseconds(500);

class PktmonEngine final : public Engine {
 public:
  PktmonEngine(std::unique_ptr<PktmonMonitor> monitor, FilterProgram ethernet, FilterProgram ip,
               std::unique_ptr<StopEvent> stop, const LiveOptions& options)
      : monitor_(std::move(monitor)),
        ethernet_(std::move(ethernet)),
        ip_(std::move(ip)),
        stop_(std::move(stop)),
        arrived_(::CreateEventW(nullptr, FALSE, FALSE, nullptr)),
        duplicates_(duplicate_window, (std::uint64_t{std::random_device{}()} << 32) | std::random_device{}()),
        packets_(options.buffer_bytes / 2) {}
  ~PktmonEngine() override;

  // Errors: permission, engine_missing.
  [[nodiscard]] Result<void> start(bool tunnels);

  Result<PollOutcome> poll(PacketHandler& handler, Nanoseconds wait) override;
  void stop() override { stop_->request(); }
  EngineStatistics statistics() const override {
    return {received_.load(std::memory_order_relaxed), missed_.load(std::memory_order_relaxed) + packets_.dropped(), 0};
  }
  std::string description() const override {
    return fmt::format("Packet Monitor on all interfaces (ring {} KiB, packets up to {} bytes)", ring_multiplier * 256,
                       packet_bytes_max);
  }

 private:
  static void CALLBACK on_event(void* context, const void* info, PktmonStreamEvent kind);
  static void CALLBACK on_data(void* context, const PktmonStreamData* data);
  void take(const PktmonStreamData& data);

  const std::unique_ptr<PktmonMonitor> monitor_;
  const FilterProgram ethernet_;
  const FilterProgram ip_;
  const std::unique_ptr<StopEvent> stop_;
  const HANDLE arrived_;
  void* stream_ = nullptr;
  void* session_ = nullptr;
  bool active_ = false;
  std::mutex taking_;           // the documentation does not say that calls come from one thread only
  DuplicateFilter duplicates_;  // guarded by taking_
  HandoverBuffer packets_;
  std::atomic<std::uint64_t> received_{0};
  std::atomic<std::uint64_t> missed_{0};
  std::atomic<bool> broken_{false};
};

PktmonEngine::~PktmonEngine() {
  const PktmonFunctions& pktmon = monitor_->functions();
  if (active_) pktmon.set_session_active(session_, FALSE);
  if (stream_ != nullptr) pktmon.close_realtime_stream(stream_);
  if (session_ != nullptr) pktmon.close_session_handle(session_);
  ::CloseHandle(arrived_);
}

Result<void> PktmonEngine::start(bool tunnels) {
  const PktmonFunctions& pktmon = monitor_->functions();
  HRESULT result = pktmon.create_live_session(monitor_->handle(), L"understudy", &session_);
  if (FAILED(result)) return pktmon_failed("PacketMonitorCreateLiveSession", result);
  if (!tunnels) {
    // Saves the driver most of its copies. The ports are left to our own filter, which sees fragments too.
    PktmonConstraint constraint{};
    constraint.is_present = PktmonConstraint::transport_protocol_present;
    constraint.transport_protocol = protocol_tcp;
    result = pktmon.add_capture_constraint(session_, &constraint);
    if (FAILED(result)) return pktmon_failed("PacketMonitorAddCaptureConstraint", result);
  }
  const PktmonStreamConfiguration configuration{this, on_event, on_data, ring_multiplier, packet_bytes_max};
  result = pktmon.create_realtime_stream(monitor_->handle(), &configuration, &stream_);
  if (FAILED(result)) return pktmon_failed("PacketMonitorCreateRealtimeStream", result);
  result = pktmon.attach_output_to_session(session_, stream_);
  if (FAILED(result)) return pktmon_failed("PacketMonitorAttachOutputToSession", result);
  result = pktmon.set_session_active(session_, TRUE);
  if (FAILED(result)) return pktmon_failed("PacketMonitorSetSessionActive", result);
  active_ = true;
  return {};
}

void CALLBACK PktmonEngine::on_event(void* context, const void*, PktmonStreamEvent kind) {
  auto& self = *static_cast<PktmonEngine*>(context);
  if (kind != PktmonStreamEvent::stopped && kind != PktmonStreamEvent::fatal_error) return;
  self.broken_.store(true, std::memory_order_relaxed);
  ::SetEvent(self.arrived_);
}

void CALLBACK PktmonEngine::on_data(void* context, const PktmonStreamData* data) {
  auto& self = *static_cast<PktmonEngine*>(context);
  try {
    self.take(*data);
  } catch (...) {  // no memory; not through the library's frames
    self.missed_.fetch_add(1, std::memory_order_relaxed);
  }
}

void PktmonEngine::take(const PktmonStreamData& data) {
  missed_.fetch_add(std::uint64_t{data.missed_packet_write_count} + data.missed_packet_read_count,
                    std::memory_order_relaxed);
  const ByteView buffer(static_cast<const std::uint8_t*>(data.data), data.data_size);
  const std::optional<PktmonPacket> packet =
      read_pktmon_packet(buffer, {data.metadata_offset, data.packet_offset, data.packet_length});
  if (!packet || packet->was_dropped) return;
  const FilterProgram& filter = packet->view.link_type == link_type::ethernet ? ethernet_ : ip_;
  if (!filter.matches(packet->view)) return;
  {
    const std::lock_guard lock(taking_);
    if (duplicates_.is_duplicate(packet->view)) return;
  }
  received_.fetch_add(1, std::memory_order_relaxed);
  bool was_empty = false;
  if (packets_.push(packet->view, was_empty) && was_empty) ::SetEvent(arrived_);
}

Result<PollOutcome> PktmonEngine::poll(PacketHandler& handler, Nanoseconds wait) {
  std::size_t count = stop_->requested() ? 0 : packets_.drain(handler);
  if (count == 0 && !broken_.load(std::memory_order_relaxed)) {
    const std::array<HANDLE, 2> events{arrived_, stop_->handle()};
    const auto milliseconds = static_cast<DWORD>((std::max(wait, Nanoseconds::zero()).count() + 999'999) / 1'000'000);
    ::WaitForMultipleObjects(static_cast<DWORD>(events.size()), events.data(), FALSE, milliseconds);
    if (!stop_->requested()) count = packets_.drain(handler);
  }
  if (stop_->requested()) return PollOutcome::end;
  if (count > 0) return PollOutcome::packets;
  if (!broken_.load(std::memory_order_relaxed)) return PollOutcome::idle;
  return fail(ExitCode::engine_missing, "Packet Monitor ended its packet stream; start again, or capture by Npcap");
}

}  // namespace

Result<std::unique_ptr<Engine>> open_pktmon(const LiveOptions& options) {
  if (options.fan_out) {
    return fail(ExitCode::usage,
                "several workers need Linux, whose kernel shares packets by flow; leave --workers at 1");
  }
  Result<std::shared_ptr<const PktmonLibrary>> library = PktmonLibrary::load();
  if (!library) return tl::unexpected(std::move(library.error()));
  if (!options.interfaces.empty()) {
    return fail(ExitCode::no_interface,
                "Packet Monitor is used on all interfaces at once; leave --interface out, or choose by --address");
  }
  Result<FilterProgram> ethernet = FilterProgram::compile(link_type::ethernet, options.filter);
  if (!ethernet) return tl::unexpected(std::move(ethernet.error()));
  Result<FilterProgram> ip = FilterProgram::compile(link_type::raw_ip, options.filter);
  if (!ip) return tl::unexpected(std::move(ip.error()));
  Result<std::unique_ptr<PktmonMonitor>> monitor = PktmonMonitor::open(*std::move(library));
  if (!monitor) return tl::unexpected(std::move(monitor.error()));
  Result<std::unique_ptr<StopEvent>> stop = StopEvent::create();
  if (!stop) return tl::unexpected(std::move(stop.error()));
  auto engine = std::make_unique<PktmonEngine>(*std::move(monitor), *std::move(ethernet), *std::move(ip),
                                               *std::move(stop), options);
  if (Result<void> started = engine->start(options.filter.tunnels); !started) {
    return tl::unexpected(std::move(started.error()));
  }
  return engine;
}

Result<std::string> probe_pktmon() {
  Result<std::shared_ptr<const PktmonLibrary>> library = PktmonLibrary::load();
  if (!library) return tl::unexpected(library.error());
  const Result<std::unique_ptr<PktmonMonitor>> monitor = PktmonMonitor::open(*std::move(library));
  if (!monitor) return tl::unexpected(monitor.error());
  return "Packet Monitor's packet stream, part of Windows";
}

}  // namespace understudy
