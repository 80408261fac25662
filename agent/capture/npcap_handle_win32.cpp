#include "agent/capture/npcap_handle_win32.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "agent/capture/filter_program.hpp"
#include "agent/capture/link_type.hpp"

namespace understudy {
namespace {

int milliseconds_rounded_up(Nanoseconds delay) {
  return static_cast<int>(std::clamp<std::int64_t>((delay.count() + 999'999) / 1'000'000, 1, 1000));
}

tl::unexpected<Error> activation_failed(int status, const std::string& interface, const std::string& why) {
  if (status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED) {
    return fail(ExitCode::permission,
                fmt::format("not permitted to capture on '{}': {}; Npcap was installed for administrators only: run as "
                            "a service, or from a console that was started as administrator",
                            interface, why));
  }
  return fail(ExitCode::no_interface, fmt::format("cannot capture on '{}': {}", interface, why));
}

}  // namespace

Result<std::unique_ptr<NpcapHandle>> NpcapHandle::open(std::shared_ptr<const NpcapLibrary> library,
                                                       const Interface& interface, const LiveOptions& options) {
  std::array<char, PCAP_ERRBUF_SIZE> message{};
  pcap_t* const created = library->functions().create(interface.device.c_str(), message.data());
  if (created == nullptr) {
    return fail(ExitCode::no_interface, fmt::format("cannot capture on '{}': {}", interface.name, message.data()));
  }
  std::unique_ptr<NpcapHandle> handle(new NpcapHandle(std::move(library), created));
  if (Result<void> activated = handle->activate(interface, options); !activated) {
    return tl::unexpected(std::move(activated.error()));
  }
  if (Result<void> configured = handle->configure(interface, options); !configured) {
    return tl::unexpected(std::move(configured.error()));
  }
  return handle;
}

NpcapHandle::~NpcapHandle() { library_->functions().close(handle_); }

Result<void> NpcapHandle::activate(const Interface& interface, const LiveOptions& options) {
  const NpcapFunctions& pcap = library_->functions();
  pcap.set_snaplen(handle_, options.snap_length);
  pcap.set_promisc(handle_, options.promiscuous ? 1 : 0);
  pcap.set_timeout(handle_, milliseconds_rounded_up(options.delivery_delay));
  if (pcap.set_buffer_size != nullptr) {
    const std::size_t bytes = std::min<std::size_t>(options.buffer_bytes, std::numeric_limits<int>::max());
    pcap.set_buffer_size(handle_, static_cast<int>(bytes));
  }
  // Reads give what is there; without it a read may wait for 16 KB or the time-out.
  if (pcap.set_immediate_mode != nullptr) pcap.set_immediate_mode(handle_, 1);
  const int status = pcap.activate(handle_);
  if (status >= 0) return {};
  std::string why = error();
  if (why.empty() && pcap.statustostr != nullptr) why = pcap.statustostr(status);
  if (why.empty()) why = fmt::format("pcap_activate failed with {}", status);
  return activation_failed(status, interface.name, why);
}

Result<void> NpcapHandle::configure(const Interface& interface, const LiveOptions& options) {
  const NpcapFunctions& pcap = library_->functions();
  std::array<char, PCAP_ERRBUF_SIZE> message{};
  if (pcap.setnonblock(handle_, 1, message.data()) != 0) {
    return fail(ExitCode::no_interface,
                fmt::format("cannot read packets of '{}' without waiting: {}", interface.name, message.data()));
  }
  link_type_ = link_type_of_dlt(pcap.datalink(handle_));
  Result<FilterProgram> filter = FilterProgram::compile(link_type_, options.filter);
  if (!filter) return tl::unexpected(std::move(filter.error()));
  bpf_program program = filter->program();
  if (pcap.setfilter(handle_, &program) != 0) {
    return fail(ExitCode::bad_filter, fmt::format("cannot set the packet filter on '{}': {}", interface.name, error()));
  }
  if (pcap.stats != nullptr) pcap.stats(handle_, &last_counts_);
  return {};
}

std::optional<int> NpcapHandle::dispatch(PacketHandler& handler, int packets_max) {
  const NpcapFunctions& pcap = library_->functions();
  int count = 0;
  while (count < packets_max) {
    pcap_pkthdr* header = nullptr;
    const u_char* data = nullptr;
    const int status = pcap.next_ex(handle_, &header, &data);
    if (status == 0) break;
    if (status < 0) return std::nullopt;
    ++count;
    const WallTime time(std::chrono::seconds(header->ts.tv_sec) + std::chrono::microseconds(header->ts.tv_usec));
    handler.on_packet({ByteView(data, header->caplen), header->len, link_type_, time});
  }
  return count;
}

std::string NpcapHandle::error() const {
  const char* const text = library_->functions().geterr(handle_);
  return text == nullptr ? "" : text;
}

EngineStatistics NpcapHandle::statistics() {
  pcap_stat counts{};
  if (library_->functions().stats == nullptr || library_->functions().stats(handle_, &counts) != 0) {
    statistics_.counts_drops = false;
    return statistics_;
  }
  // Unsigned differences stay right over a wrap.
  statistics_.packets_received += counts.ps_recv - last_counts_.ps_recv;
  statistics_.dropped_by_kernel += counts.ps_drop - last_counts_.ps_drop;
  statistics_.dropped_by_interface += counts.ps_ifdrop - last_counts_.ps_ifdrop;
  last_counts_ = counts;
  return statistics_;
}

}  // namespace understudy
