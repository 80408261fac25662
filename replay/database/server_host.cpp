#include "replay/database/server_host.hpp"

#include <fmt/format.h>

namespace understudy {

Result<ServerHost> ServerHost::find(const std::string& device, bool is_local, int backend_pid, SourceReports& sources) {
  ServerHost host;
  constexpr std::string_view elsewhere = "The server is not on this host.";
  if (is_local) {
    host.find_process(backend_pid, sources);
  } else {
    for (const CounterSource source : {CounterSource::process_io, CounterSource::cgroup_io, CounterSource::device}) {
      report_source(sources, source, SourceState::missing, std::string(elsewhere));
    }
  }
  if (device == "none") {
    report_source(sources, CounterSource::device, SourceState::unasked);
  } else if (device == "auto") {
    if (host.process_) host.find_device(sources);
  } else {
    auto named = find_block_device(device);
    if (!named) return tl::unexpected(named.error());
    host.device_ = std::move(*named);
    report_source(sources, CounterSource::device, SourceState::used,
                  fmt::format("{}, as named; whatever else uses it is counted, too.", host.device_->name));
  }
  return host;
}

void ServerHost::find_process(int backend_pid, SourceReports& sources) {
  auto process = find_server_process(backend_pid);
  if (!process) {
    for (const CounterSource source : {CounterSource::process_io, CounterSource::cgroup_io, CounterSource::device}) {
      report_source(sources, source, SourceState::missing, process.error().message);
    }
    return;
  }
  process_ = *process;
  const auto io = read_process_tree_io(*process_);
  has_process_io_ = io.has_value();
  report_source(sources, CounterSource::process_io, io ? SourceState::used : SourceState::missing,
                io ? std::string() : io.error().message);
  const auto cgroup = read_cgroup_io(*process_, nullptr);
  has_cgroup_ = cgroup.has_value();
  report_source(sources, CounterSource::cgroup_io, cgroup ? SourceState::used : SourceState::missing,
                cgroup ? std::string() : cgroup.error().message);
}

void ServerHost::find_device(SourceReports& sources) {
  auto folder = working_folder(*process_);
  auto device = folder ? find_block_device(*folder) : tl::unexpected(folder.error());
  if (!device) {
    report_source(sources, CounterSource::device, SourceState::missing, device.error().message);
    return;
  }
  device_ = std::move(*device);
  report_source(sources, CounterSource::device, SourceState::used,
                fmt::format("{} holds the data folder; whatever else uses it is counted, too.", device_->name));
}

std::optional<DeviceCounters> ServerHost::read_device_only() const {
  if (!device_) return std::nullopt;
  const auto counters = read_device(*device_);
  return counters ? std::optional(*counters) : std::nullopt;
}

HostCounters ServerHost::read() const {
  HostCounters counters;
  counters.device = read_device_only();
  if (has_process_io_) {
    if (const auto io = read_process_tree_io(*process_)) counters.process_io = *io;
  }
  if (has_cgroup_) {
    if (const auto io = read_cgroup_io(*process_, device_ ? &*device_ : nullptr)) counters.cgroup_io = *io;
  }
  return counters;
}

HostCounters operator-(const HostCounters& after, const HostCounters& before) {
  HostCounters in_between;
  if (after.device && before.device) in_between.device = *after.device - *before.device;
  if (after.cgroup_io && before.cgroup_io) in_between.cgroup_io = *after.cgroup_io - *before.cgroup_io;
  // A process whose children ended without being waited for may seem to have read less.
  if (after.process_io && before.process_io && after.process_io->read_bytes >= before.process_io->read_bytes &&
      after.process_io->write_bytes >= before.process_io->write_bytes) {
    in_between.process_io = ProcessIo{after.process_io->read_bytes - before.process_io->read_bytes,
                                      after.process_io->write_bytes - before.process_io->write_bytes};
  }
  return in_between;
}

}  // namespace understudy
