#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "replay/report/file_set.hpp"

namespace understudy {
namespace {

constexpr mode_t mode_of_results = 0644;

Error failure(const std::string& path, std::string_view verb, int error_number) {
  const bool full = error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
  return {ExitCode::output_failed,
          fmt::format("cannot {} {}: {}; {}", verb, path, std::generic_category().message(error_number),
                      full ? "free some room, or name another folder with --out" : "name another folder with --out")};
}

// Files under names of their own, which are taken away again unless they were renamed.
class TemporaryFiles {
 public:
  explicit TemporaryFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}
  ~TemporaryFiles() {
    for (const auto& [temporary, name] : files_) static_cast<void>(::unlink(temporary.c_str()));
  }
  TemporaryFiles(const TemporaryFiles&) = delete;
  TemporaryFiles& operator=(const TemporaryFiles&) = delete;

  Result<void> write(const std::string& name, const std::string& content) {
    std::string temporary = (folder_ / ("." + name + ".XXXXXX")).string();
    const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
    if (descriptor < 0) return tl::unexpected(failure((folder_ / name).string(), "create", errno));
    files_.emplace_back(temporary, (folder_ / name).string());
    const int error_number = write_all(descriptor, content);
    const bool closed = ::close(descriptor) == 0;
    if (error_number != 0 || !closed) {
      return tl::unexpected(failure(files_.back().second, "write", error_number != 0 ? error_number : errno));
    }
    return {};
  }

  Result<void> rename_all() {
    while (!files_.empty()) {
      const auto& [temporary, name] = files_.back();
      if (::rename(temporary.c_str(), name.c_str()) != 0) return tl::unexpected(failure(name, "replace", errno));
      files_.pop_back();
    }
    // That the names are there after a power cut, too. A file system that cannot is no reason to fail.
    const int descriptor = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
      static_cast<void>(::fsync(descriptor));
      static_cast<void>(::close(descriptor));
    }
    return {};
  }

 private:
  // 0, or the number of the error.
  static int write_all(int descriptor, std::string_view rest) {
    while (!rest.empty()) {
      const ssize_t written = ::write(descriptor, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return errno;
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fchmod(descriptor, mode_of_results) != 0) return errno;
    return ::fsync(descriptor) == 0 ? 0 : errno;
  }

  std::filesystem::path folder_;
  std::vector<std::pair<std::string, std::string>> files_;  // the temporary name, and the one to get
};

}  // namespace

Result<void> replace_files(const std::string& folder, const NamedFiles& files) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return tl::unexpected(failure(folder, "create the folder", error.value()));
  TemporaryFiles temporary{folder};
  for (const auto& [name, content] : files) {
    if (auto written = temporary.write(name, content); !written) return written;
  }
  return temporary.rename_all();
}

}  // namespace understudy
