#include "replay/report/file_set.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <random>
#include <system_error>

#include "traffic/base/whole_file.hpp"

namespace understudy {
namespace {

tl::unexpected<Error> failure(const std::string& path, std::string_view verb, SystemError error) {
  return fail(ExitCode::output_failed,
              fmt::format("cannot {} {}: {}; {}", verb, path, error.text(),
                          error.is_disk_full() ? "free some room, or name another folder with --out"
                                               : "name another folder with --out"));
}

// Files under names of their own, which are taken away again unless they were renamed.
class TemporaryFiles {
 public:
  explicit TemporaryFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}
  ~TemporaryFiles() {
    for (const auto& [temporary, name] : files_) static_cast<void>(remove_file(temporary));
  }
  TemporaryFiles(const TemporaryFiles&) = delete;
  TemporaryFiles& operator=(const TemporaryFiles&) = delete;

  Result<void> write(const std::string& name, const std::string& content) {
    const std::string temporary = (folder_ / fmt::format(".{}.{:08x}", name, token_)).string();
    const std::string wanted = (folder_ / name).string();
    const auto written = write_new_file(temporary, content, FileAccess::everyone, FileSafety::machine);
    if (!written) return failure(wanted, "write", written.error());
    files_.emplace_back(temporary, wanted);
    return {};
  }

  Result<void> rename_all() {
    while (!files_.empty()) {
      const auto& [temporary, name] = files_.back();
      if (auto replaced = replace_file(temporary, name); !replaced) return failure(name, "replace", replaced.error());
      files_.pop_back();
    }
    sync_folder(folder_.string());  // a file system that cannot is no reason to fail
    return {};
  }

 private:
  const std::filesystem::path folder_;
  const unsigned token_ = std::random_device()();           // no other run writes under these names
  std::vector<std::pair<std::string, std::string>> files_;  // the temporary name, and the one to get
};

}  // namespace

Result<void> replace_files(const std::string& folder, const NamedFiles& files) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return fail(ExitCode::output_failed, fmt::format("cannot create the folder {}: {}; name another folder with --out",
                                                     folder, error.message()));
  }
  TemporaryFiles temporary{folder};
  for (const auto& [name, content] : files) {
    if (auto written = temporary.write(name, content); !written) return written;
  }
  return temporary.rename_all();
}

}  // namespace understudy
