#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <system_error>
#include <vector>

#include "replay/database/device_counters.hpp"

namespace understudy {
namespace {

constexpr int attempts_max = 10;
constexpr std::size_t system_file_size_max = std::size_t{4} << 20U;

// The whole of a file of /proc or /sys. ExitCode::permission, ExitCode::database_unfit.
Result<std::string> read_system_file(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  std::string text;
  ssize_t count = file < 0 ? -1 : 0;
  std::array<char, 65536> part{};
  while (file >= 0 && text.size() < system_file_size_max && (count = read(file, part.data(), part.size())) > 0) {
    text.append(part.data(), static_cast<std::size_t>(count));
  }
  const int error = errno;
  if (file >= 0) close(file);
  if (count < 0) {
    const bool is_denied = error == EACCES || error == EPERM;
    return fail(is_denied ? ExitCode::permission : ExitCode::database_unfit,
                fmt::format("cannot read {}: {}{}", path, std::strerror(error),
                            is_denied ? "; run as root or as the server's user" : ""));
  }
  return text;
}

// The processes of this host with their parents.
std::multimap<int, int> children_by_parent() {
  std::multimap<int, int> children;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) == 0) continue;
    const auto stat = read_system_file("/proc/" + name + "/stat");
    if (!stat) continue;  // it has ended
    if (const auto parent = parse_parent_pid(*stat)) children.emplace(*parent, std::stoi(name));
  }
  return children;
}

Result<ProcessIo> read_process_io(int pid) {
  const auto text = read_system_file(fmt::format("/proc/{}/io", pid));
  if (!text) return tl::unexpected(text.error());
  const auto io = parse_process_io(*text);
  if (!io) return fail(ExitCode::database_unfit, fmt::format("/proc/{}/io does not hold read_bytes", pid));
  return *io;
}

ProcessIo operator+(const ProcessIo& left, const ProcessIo& right) {
  return {left.read_bytes + right.read_bytes, left.write_bytes + right.write_bytes};
}

ProcessIo read_children_io(int pid) {
  const auto children = children_by_parent();
  ProcessIo sum;
  std::vector<int> parents{pid};
  while (!parents.empty()) {
    const auto [begin, end] = children.equal_range(parents.back());
    parents.pop_back();
    for (auto child = begin; child != end; ++child) {
      parents.push_back(child->second);
      if (const auto io = read_process_io(child->second)) sum = sum + *io;
    }
  }
  return sum;
}

}  // namespace

Result<DeviceCounters> read_device(const BlockDevice& device) {
  const auto text = read_system_file("/proc/diskstats");
  if (!text) return tl::unexpected(text.error());
  const auto counters = parse_diskstats(*text, device.major, device.minor);
  if (!counters) return fail(ExitCode::database_unfit, fmt::format("/proc/diskstats has no {}", device.name));
  return *counters;
}

Result<BlockDevice> find_block_device(const std::string& path) {
  struct stat status {};
  const bool is_bare_name = path.find('/') == std::string::npos;
  const std::string place = is_bare_name ? "/dev/" + path : path;
  if (stat(place.c_str(), &status) != 0) {
    return fail(ExitCode::database_unfit, fmt::format("cannot look at {}: {}", place, std::strerror(errno)));
  }
  const dev_t id = S_ISBLK(status.st_mode) ? status.st_rdev : status.st_dev;
  BlockDevice device{major(id), minor(id), {}};
  std::error_code error;
  const auto link =
      std::filesystem::read_symlink(fmt::format("/sys/dev/block/{}:{}", device.major, device.minor), error);
  if (error) {
    return fail(
        ExitCode::database_unfit,
        fmt::format("{} is on no block device of its own (overlay, tmpfs, btrfs or a network file system): name "
                    "the device, such as --device /dev/nvme1n1",
                    path));
  }
  device.name = link.filename();
  if (auto counters = read_device(device); !counters) return tl::unexpected(counters.error());
  return device;
}

Result<ProcessIo> read_process_tree_io(int pid) {
  // A child that ends between two of the readings is counted with its parent from then on: twice or not at all. So it
  // is read again until the parent stays as it was.
  auto sum = read_process_io(pid);
  for (int attempt = 0; sum && attempt < attempts_max; ++attempt) {
    const ProcessIo parent = *sum;
    *sum = parent + read_children_io(pid);
    auto again = read_process_io(pid);
    if (!again || *again == parent) return sum;
    if (attempt + 1 < attempts_max) sum = again;
  }
  return sum;
}

Result<DeviceCounters> read_cgroup_io(int pid, const BlockDevice* only) {
  const auto groups = read_system_file(fmt::format("/proc/{}/cgroup", pid));
  if (!groups) return tl::unexpected(groups.error());
  // Version 2 is the line "0::/path" (cgroups(7)).
  const std::size_t line = groups->starts_with("0::") ? 0 : groups->find("\n0::");
  if (line == std::string::npos) {
    return fail(ExitCode::database_unfit, "this host has no control groups of version 2");
  }
  const std::size_t begin = groups->find("0::", line) + 3;
  const std::string group = groups->substr(begin, groups->find('\n', begin) - begin);
  const auto text = read_system_file("/sys/fs/cgroup" + group + "/io.stat");
  if (!text) return tl::unexpected(text.error());
  const auto counters = parse_cgroup_io(*text, only);
  if (!counters)
    return fail(ExitCode::database_unfit, "the server's control group has no input or output of the device");
  return *counters;
}

Result<int> find_server_process(int backend_pid) {
  const auto stat = read_system_file(fmt::format("/proc/{}/stat", backend_pid));
  const auto command = read_system_file(fmt::format("/proc/{}/cmdline", backend_pid));
  // Another host's or container's pid may be anybody's here: a backend calls itself "postgres: user database ...".
  if (!stat || !command || !command->starts_with("postgres: ")) {
    return fail(ExitCode::database_unfit, "the server's process is not one of this host");
  }
  const auto parent = parse_parent_pid(*stat);
  if (!parent || *parent <= 1) return fail(ExitCode::database_unfit, "the server's main process cannot be told");
  return *parent;
}

Result<std::string> working_folder(int pid) {
  std::error_code error;
  const auto folder = std::filesystem::read_symlink(fmt::format("/proc/{}/cwd", pid), error);
  if (!error) return folder.string();
  return fail(ExitCode::permission, fmt::format("cannot read /proc/{}/cwd: {}; run as root or as the server's user, or "
                                                "name the device, such as --device /dev/nvme1n1",
                                                pid, error.message()));
}

}  // namespace understudy
