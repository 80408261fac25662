#include "agent/capture/raw_socket_engine_win32.hpp"

#include <winsock2.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <random>

#include "agent/capture/adapters_win32.hpp"
#include "agent/capture/duplicate_filter.hpp"
#include "agent/capture/filter_program.hpp"
#include "agent/capture/interfaces.hpp"
#include "agent/capture/link_type.hpp"
#include "agent/capture/raw_socket_win32.hpp"
#include "agent/capture/stop_event.hpp"
#include "traffic/base/system_error.hpp"

namespace understudy {
namespace {

constexpr int packets_per_socket = 1024;
constexpr std::size_t buffer_bytes_min = std::size_t{1} << 20;
constexpr Nanoseconds look_period = std::chrono::seconds(10);
constexpr Nanoseconds reopen_delay = std::chrono::seconds(1);
// Two local addresses that talk with each other show a packet at both.
constexpr Nanoseconds duplicate_window = std::chrono::milliseconds(500);

// WSAStartup for as long as this lives; more than one may.
class Winsock {
 public:
  Winsock() {
    WSADATA data{};
    started_ = ::WSAStartup(MAKEWORD(2, 2), &data) == 0;
  }
  ~Winsock() {
    if (started_) ::WSACleanup();
  }
  Winsock(const Winsock&) = delete;
  Winsock& operator=(const Winsock&) = delete;

 private:
  bool started_ = false;
};

using Sockets = std::map<IpAddress, std::unique_ptr<RawSocket>>;

struct CloseEvent {
  void operator()(void* event) const { ::WSACloseEvent(event); }
};

class RawSocketEngine final : public Engine {
 public:
  RawSocketEngine(LiveOptions options, FilterProgram filter, std::unique_ptr<StopEvent> stop)
      : options_(std::move(options)),
        filter_(std::move(filter)),
        stop_(std::move(stop)),
        event_(::WSACreateEvent()),
        duplicates_(duplicate_window, (std::uint64_t{std::random_device{}()} << 32) | std::random_device{}()) {}

  // Opens sockets for the addresses that have none, and closes those of addresses that are gone. The first error, if
  // there is no socket then.
  [[nodiscard]] Result<void> look_at_addresses();

  Result<PollOutcome> poll(PacketHandler& handler, Nanoseconds wait) override;
  void stop() override { stop_->request(); }
  EngineStatistics statistics() const override { return {received_.load(std::memory_order_relaxed), 0, 0, false}; }
  std::string description() const override;

 private:
  [[nodiscard]] std::vector<AdapterAddress> wanted_addresses(const std::vector<Adapter>& adapters) const;
  [[nodiscard]] bool hand_out(PacketHandler& handler);
  [[nodiscard]] bool hand_out(RawSocket& socket, PacketHandler& handler);
  void tell(const std::string& event) const {
    if (options_.on_event) options_.on_event(event);
  }

  const Winsock winsock_;
  const LiveOptions options_;
  const FilterProgram filter_;
  const std::unique_ptr<StopEvent> stop_;
  const std::unique_ptr<void, CloseEvent> event_;  // signalled when a socket has packets
  DuplicateFilter duplicates_;
  Sockets sockets_;   // before event_ is closed
  bool more_ = true;  // the last look left packets behind, or there was none yet
  MonotonicTime look_due_;
  std::atomic<std::uint64_t> received_{0};
};

std::vector<AdapterAddress> RawSocketEngine::wanted_addresses(const std::vector<Adapter>& adapters) const {
  std::vector<AdapterAddress> addresses;
  for (const Adapter& adapter : adapters) {
    Interface interface;
    interface.name = adapter.name;
    interface.device = adapter.guid;
    const bool named = std::any_of(options_.interfaces.begin(), options_.interfaces.end(),
                                   [&](const std::string& name) { return is_called(interface, name); });
    if (!adapter.up || !(named || options_.interfaces.empty())) continue;
    addresses.insert(addresses.end(), adapter.addresses.begin(), adapter.addresses.end());
  }
  return addresses;
}

Result<void> RawSocketEngine::look_at_addresses() {
  look_due_ = system_clock().monotonic_now() + look_period;
  const Result<std::vector<Adapter>> adapters = list_adapters();
  if (!adapters) return tl::unexpected(adapters.error());
  const std::vector<AdapterAddress> wanted = wanted_addresses(*adapters);
  std::erase_if(sockets_, [&](const auto& entry) {
    const bool is_gone = std::none_of(wanted.begin(), wanted.end(),
                                      [&](const AdapterAddress& address) { return address.address == entry.first; });
    if (is_gone) tell(fmt::format("the address {} is gone; its capture ends", entry.first.to_string()));
    return is_gone;
  });
  const std::size_t share = std::max(options_.buffer_bytes / std::max<std::size_t>(wanted.size(), 1), buffer_bytes_min);
  Result<void> result;
  for (const AdapterAddress& address : wanted) {
    if (sockets_.contains(address.address)) continue;
    auto socket = RawSocket::open(address, share, options_.promiscuous, event_.get());
    if (socket) {
      sockets_.emplace(address.address, *std::move(socket));
    } else if (result) {
      result = tl::unexpected(std::move(socket.error()));
    }
  }
  if (!sockets_.empty()) return {};
  if (!result) return result;
  return fail(ExitCode::no_interface, options_.interfaces.empty()
                                          ? std::string("no network adapter is up and has an address")
                                          : fmt::format("no network adapter {} is up and has an address",
                                                        fmt::join(options_.interfaces, ", ")));
}

Result<PollOutcome> RawSocketEngine::poll(PacketHandler& handler, Nanoseconds wait) {
  if (!more_) {
    const std::array<WSAEVENT, 2> events{event_.get(), stop_->handle()};
    const auto milliseconds = static_cast<DWORD>((std::max(wait, Nanoseconds::zero()).count() + 999'999) / 1'000'000);
    ::WSAWaitForMultipleEvents(static_cast<DWORD>(events.size()), events.data(), FALSE, milliseconds, FALSE);
  }
  if (stop_->requested()) return PollOutcome::end;
  if (system_clock().monotonic_now() >= look_due_) {
    if (const Result<void> looked = look_at_addresses(); !looked) tell(looked.error().message);
  }
  return hand_out(handler) ? PollOutcome::packets : PollOutcome::idle;
}

// The event is reset before the sockets are read: what comes meanwhile signals it again.
bool RawSocketEngine::hand_out(PacketHandler& handler) {
  ::WSAResetEvent(event_.get());
  const std::uint64_t received_before = received_.load(std::memory_order_relaxed);
  more_ = false;
  for (auto entry = sockets_.begin(); entry != sockets_.end();) {
    if (hand_out(*entry->second, handler)) {
      ++entry;
      continue;
    }
    tell(
        fmt::format("capture on {} broke off: {}; opening it again", entry->first.to_string(), entry->second->error()));
    entry = sockets_.erase(entry);
    look_due_ = std::min(look_due_, system_clock().monotonic_now() + reopen_delay);
  }
  return received_.load(std::memory_order_relaxed) != received_before;
}

// False: the socket is of no use any more.
bool RawSocketEngine::hand_out(RawSocket& socket, PacketHandler& handler) {
  for (int count = 0; count < packets_per_socket; ++count) {
    switch (socket.receive()) {
      case RawSocket::Received::none: return true;
      case RawSocket::Received::failed: return false;
      case RawSocket::Received::unusable: break;
      case RawSocket::Received::packet:
        if (!filter_.matches(socket.view()) || duplicates_.is_duplicate(socket.view())) break;
        received_.fetch_add(1, std::memory_order_relaxed);
        handler.on_packet(socket.view());
        break;
    }
  }
  more_ = true;  // it was not read to its end
  return true;
}

std::string RawSocketEngine::description() const {
  std::vector<std::string> addresses;
  addresses.reserve(sockets_.size());
  for (const auto& entry : sockets_) addresses.push_back(entry.first.to_string());
  return fmt::format("raw sockets on {} (no drop counters)", fmt::join(addresses, ", "));
}

}  // namespace

Result<std::unique_ptr<Engine>> open_raw_sockets(const LiveOptions& options) {
  if (options.fan_out) {
    return fail(ExitCode::usage,
                "several workers need Linux, whose kernel shares packets by flow; leave --workers at 1");
  }
  Result<FilterProgram> filter = FilterProgram::compile(link_type::raw_ip, options.filter);
  if (!filter) return tl::unexpected(std::move(filter.error()));
  Result<std::unique_ptr<StopEvent>> stop = StopEvent::create();
  if (!stop) return tl::unexpected(std::move(stop.error()));
  auto engine = std::make_unique<RawSocketEngine>(options, *std::move(filter), *std::move(stop));
  if (Result<void> opened = engine->look_at_addresses(); !opened) return tl::unexpected(std::move(opened.error()));
  return engine;
}

Result<std::string> probe_raw_sockets() {
  constexpr std::size_t small_buffer = 65536;
  const Winsock winsock;
  const std::unique_ptr<void, CloseEvent> event(::WSACreateEvent());
  AdapterAddress address;
  address.address = *IpAddress::parse("127.0.0.1");
  const auto socket = RawSocket::open(address, small_buffer, false, event.get());
  if (!socket) return tl::unexpected(socket.error());
  return "raw sockets with SIO_RCVALL, part of Windows";
}

}  // namespace understudy
