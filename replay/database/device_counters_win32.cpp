#include <fmt/format.h>

#include "replay/database/device_counters.hpp"

namespace understudy {
namespace {

// What disks and processes do is read from /proc and /sys.
tl::unexpected<Error> linux_only(std::string_view what) {
  return fail(
      ExitCode::database_unfit,
      fmt::format("{} can be read on Linux only: run understudy-replay on the server's host, or leave it out", what));
}

}  // namespace

Result<DeviceCounters> read_device(const BlockDevice& /*device*/) { return linux_only("counters of a disk"); }

Result<BlockDevice> find_block_device(const std::string& path) {
  return linux_only(fmt::format("counters of the disk '{}'", path));
}

Result<ProcessIo> read_process_tree_io(int /*pid*/) { return linux_only("what the server's processes read and write"); }

Result<DeviceCounters> read_cgroup_io(int /*pid*/, const BlockDevice* /*only*/) {
  return linux_only("counters of a control group");
}

Result<int> find_server_process(int /*backend_pid*/) { return linux_only("the server's process"); }

Result<std::string> working_folder(int /*pid*/) { return linux_only("the server's data folder"); }

}  // namespace understudy
