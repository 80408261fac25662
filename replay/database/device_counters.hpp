// Counters of the operating system that say what a disk really did.
//
// Parsers take the text of a file of /proc or /sys, which is the kernel's and small; what is not understood is nothing.
// Readers open the file. All counts are since boot or since the process began.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "traffic/base/error.hpp"

namespace understudy {

// Documentation/admin-guide/iostats.rst of Linux. Sectors of 512 bytes are turned into bytes.
struct DeviceCounters {
  std::uint64_t reads = 0;  // operations completed, after merging
  std::uint64_t reads_merged = 0;
  std::uint64_t read_bytes = 0;
  std::uint64_t writes = 0;
  std::uint64_t write_bytes = 0;
  std::uint64_t busy_ms = 0;

  friend bool operator==(const DeviceCounters&, const DeviceCounters&) = default;
};
// What was counted in between. REQUIRES: `after` is of the same device, later.
[[nodiscard]] DeviceCounters operator-(const DeviceCounters& after, const DeviceCounters& before);

// A block device or partition: major:minor, and its name in /proc/diskstats.
struct BlockDevice {
  unsigned major = 0;
  unsigned minor = 0;
  std::string name;  // "loop0", "nvme0n1p1"
};

// One device's line of /proc/diskstats.
[[nodiscard]] std::optional<DeviceCounters> parse_diskstats(std::string_view text, unsigned major, unsigned minor);
[[nodiscard]] Result<DeviceCounters> read_device(const BlockDevice& device);

// "loop0", "/dev/loop0" (also a link to it), or a folder or file on it. ExitCode::database_unfit for what is no device,
// and for a file system without one of its own (overlay, tmpfs, btrfs).
[[nodiscard]] Result<BlockDevice> find_block_device(const std::string& path);

// read_bytes and write_bytes of /proc/PID/io.
struct ProcessIo {
  std::uint64_t read_bytes = 0;
  std::uint64_t write_bytes = 0;

  friend bool operator==(const ProcessIo&, const ProcessIo&) = default;
};
[[nodiscard]] std::optional<ProcessIo> parse_process_io(std::string_view text);
// Of a process, all that it waited for, and all its children that live. ExitCode::permission for another user's.
[[nodiscard]] Result<ProcessIo> read_process_tree_io(int pid);

// io.stat of control groups version 2: the sum of all devices, or of one.
[[nodiscard]] std::optional<DeviceCounters> parse_cgroup_io(std::string_view text, const BlockDevice* only);
// Of the group of a process. ExitCode::database_unfit where there is no version 2 or no io controller.
[[nodiscard]] Result<DeviceCounters> read_cgroup_io(int pid, const BlockDevice* only);

// Of /proc/PID/stat.
[[nodiscard]] std::optional<int> parse_parent_pid(std::string_view stat);
// The main process of the server whose backend has that pid, when it is a process of this host.
// ExitCode::database_unfit where it is not.
[[nodiscard]] Result<int> find_server_process(int backend_pid);
// Where a process stands: PostgreSQL's, in its data folder. ExitCode::permission.
[[nodiscard]] Result<std::string> working_folder(int pid);

}  // namespace understudy
