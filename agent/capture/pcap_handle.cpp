#include "agent/capture/pcap_handle.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "agent/capture/filter_program.hpp"
#include "agent/capture/interfaces.hpp"
#include "agent/capture/link_type.hpp"
#include "agent/capture/packet_socket.hpp"

namespace understudy {
namespace {

std::string existing_interfaces() {
  const Result<std::vector<Interface>> interfaces = list_interfaces();
  if (!interfaces) {
    return interfaces.error().message;
  }
  std::vector<std::string> names;
  names.reserve(interfaces->size());
  for (const Interface& interface : *interfaces) {
    names.push_back(interface.name);
  }
  return fmt::format("there are: {}", fmt::join(names, ", "));
}

tl::unexpected<Error> activation_failed(int status, const std::string& interface, const std::string& details) {
  const std::string why = details.empty() ? ::pcap_statustostr(status) : details;
  switch (status) {
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
      return fail(ExitCode::permission,
                  fmt::format("not permitted to capture on '{}': {}; run as root, or allow the program once with"
                              " 'setcap cap_net_raw+ep PROGRAM' (cap_net_admin too for promiscuous mode)",
                              interface, why));
    case PCAP_ERROR_NO_SUCH_DEVICE:
      return fail(ExitCode::no_interface,
                  fmt::format("there is no network interface '{}'; {}", interface, existing_interfaces()));
    case PCAP_ERROR_IFACE_NOT_UP:
      return fail(ExitCode::no_interface, fmt::format("the interface '{}' is down", interface));
    default: return fail(ExitCode::no_interface, fmt::format("cannot capture on '{}': {}", interface, why));
  }
}

int milliseconds_rounded_up(Nanoseconds delay) {
  return static_cast<int>(std::clamp<std::int64_t>((delay.count() + 999'999) / 1'000'000, 1, 1000));
}

}  // namespace

Result<std::unique_ptr<PcapHandle>> PcapHandle::open(const std::string& interface, const LiveOptions& options,
                                                     std::optional<std::uint16_t> fan_out_group, bool& is_down) {
  std::array<char, PCAP_ERRBUF_SIZE> message{};
  pcap_t* created = ::pcap_create(interface.c_str(), message.data());
  if (created == nullptr) {
    return fail(ExitCode::no_interface, fmt::format("cannot capture on '{}': {}", interface, message.data()));
  }
  std::unique_ptr<PcapHandle> handle(new PcapHandle(created));
  if (Result<void> activated = handle->activate(interface, options, is_down); !activated) {
    return tl::unexpected(std::move(activated.error()));
  }
  if (Result<void> configured = handle->configure(options, fan_out_group); !configured) {
    return tl::unexpected(std::move(configured.error()));
  }
  return handle;
}

Result<void> PcapHandle::activate(const std::string& interface, const LiveOptions& options, bool& is_down) {
  interface_ = interface;
  pcap_t* handle = handle_.get();
  // These fail only on an activated handle; that a precision is not supported shows in pcap_get_tstamp_precision().
  ::pcap_set_snaplen(handle, options.snap_length);
  ::pcap_set_promisc(handle, options.promiscuous ? 1 : 0);
  ::pcap_set_timeout(handle, milliseconds_rounded_up(options.delivery_delay));
  ::pcap_set_buffer_size(
      handle, static_cast<int>(std::min<std::size_t>(options.buffer_bytes, std::numeric_limits<int>::max())));
  ::pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO);
  const int status = ::pcap_activate(handle);
  is_down = status == PCAP_ERROR_IFACE_NOT_UP;
  if (status < 0) {
    return activation_failed(status, interface, ::pcap_geterr(handle));
  }
  std::array<char, PCAP_ERRBUF_SIZE> message{};
  descriptor_ = ::pcap_get_selectable_fd(handle);
  if (descriptor_ < 0 || ::pcap_setnonblock(handle, 1, message.data()) != 0) {
    return fail(ExitCode::no_interface,
                fmt::format("cannot wait for packets on '{}': {}", interface,
                            descriptor_ < 0 ? "the device gives no descriptor to wait for" : message.data()));
  }
  return {};
}

Result<void> PcapHandle::configure(const LiveOptions& options, std::optional<std::uint16_t> fan_out_group) {
  pcap_t* handle = handle_.get();
  if (::pcap_datalink(handle) == DLT_LINUX_SLL) {
    // Version 2 tells the interface of each packet. Where it cannot be set, version 1 serves.
    [[maybe_unused]] const int result = ::pcap_set_datalink(handle, DLT_LINUX_SLL2);
  }
  link_type_ = link_type_of_dlt(::pcap_datalink(handle));
  nanoseconds_per_fraction_ = ::pcap_get_tstamp_precision(handle) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000;
  if (interface_ != any_interface) {
    const InterfaceState state = interface_state(interface_);
    interface_index_ = state.index;
    drops_at_open_ = interface_drops(interface_);
    if (state.loopback) {
      ignore_outgoing(descriptor_);
    }
  }
  Result<FilterProgram> filter = FilterProgram::compile(handle, options.filter);
  if (!filter) {
    return tl::unexpected(std::move(filter.error()));
  }
  bpf_program program = filter->program();
  if (::pcap_setfilter(handle, &program) != 0) {
    return fail(ExitCode::bad_filter, fmt::format("cannot set the packet filter on '{}': {}", interface_, error()));
  }
  return fan_out_group ? join_fan_out(descriptor_, *fan_out_group) : Result<void>();
}

void PcapHandle::on_packet(u_char* user, const pcap_pkthdr* header, const u_char* data) {
  auto* self = reinterpret_cast<PcapHandle*>(user);
  const Nanoseconds time = std::chrono::seconds(header->ts.tv_sec) +
                           Nanoseconds(std::int64_t{header->ts.tv_usec} * self->nanoseconds_per_fraction_);
  if (WallTime(time) < self->not_before_) {
    return;
  }
  try {
    self->handler_->on_packet({ByteView(data, header->caplen), header->len, self->link_type_, WallTime(time)});
  } catch (...) {  // not through libpcap's frames: its ring would be left in disorder
    self->thrown_ = std::current_exception();
    ::pcap_breakloop(self->handle_.get());
  }
}

std::optional<int> PcapHandle::dispatch(PacketHandler& handler, int packets_max) {
  handler_ = &handler;
  const int count = ::pcap_dispatch(handle_.get(), packets_max, on_packet, reinterpret_cast<u_char*>(this));
  if (thrown_) {
    std::rethrow_exception(std::exchange(thrown_, nullptr));
  }
  return count >= 0 ? std::optional(count) : std::nullopt;
}

EngineStatistics PcapHandle::statistics() const {
  pcap_stat counts{};
  if (::pcap_stats(handle_.get(), &counts) != 0) {
    return {};
  }
  const std::uint64_t drops = interface_index_ == 0 ? 0 : interface_drops(interface_);
  return {counts.ps_recv, counts.ps_drop, drops > drops_at_open_ ? drops - drops_at_open_ : 0};
}

}  // namespace understudy
