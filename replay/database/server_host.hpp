// What this host knows of a server: its processes, its device, its control group. Nothing where the server is
// elsewhere.
//
// Thread safety: read() may be called from any thread, by one at a time.
#pragma once

#include <optional>
#include <string>

#include "replay/database/counter_source.hpp"
#include "replay/database/device_counters.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// Counters of the operating system at one moment.
struct HostCounters {
  std::optional<DeviceCounters> device;
  std::optional<ProcessIo> process_io;
  std::optional<DeviceCounters> cgroup_io;
};

class ServerHost {
 public:
  // `device` is "auto", "none", a device, or a folder on it. What cannot be found is reported in `sources`; a device
  // that was named and is none is an Error (ExitCode::database_unfit).
  [[nodiscard]] static Result<ServerHost> find(const std::string& device, bool is_local, int backend_pid,
                                               SourceReports& sources);

  // What is there; nothing of what is not, or not any more.
  [[nodiscard]] HostCounters read() const;
  [[nodiscard]] std::optional<DeviceCounters> read_device_only() const;
  [[nodiscard]] const std::optional<BlockDevice>& device() const { return device_; }
  [[nodiscard]] std::optional<int> process() const { return process_; }

 private:
  void find_process(int backend_pid, SourceReports& sources);
  void find_device(SourceReports& sources);

  std::optional<BlockDevice> device_;
  std::optional<int> process_;
  bool has_process_io_ = false;
  bool has_cgroup_ = false;
};

// The differences, each where both are there.
[[nodiscard]] HostCounters operator-(const HostCounters& after, const HostCounters& before);

}  // namespace understudy
