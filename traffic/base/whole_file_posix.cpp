#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "traffic/base/whole_file.hpp"

namespace understudy {
namespace {

constexpr mode_t owner_mode = 0600;
constexpr mode_t everyone_mode = 0644;

tl::unexpected<SystemError> failed() { return tl::unexpected(SystemError::last()); }

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] bool close() {
    const int descriptor = descriptor_;
    descriptor_ = -1;
    return ::close(descriptor) == 0;
  }

 private:
  int descriptor_;
};

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

SystemResult<void> write_new_file(const std::string& path, std::string_view text, FileAccess access,
                                  FileSafety safety) {
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  Descriptor file(::open(path.c_str(), flags, owner_mode));
  if (file.get() < 0) return failed();
  const bool written = write_all(file.get(), text) &&
                       (access == FileAccess::owner || ::fchmod(file.get(), everyone_mode) == 0) &&
                       (safety == FileSafety::process || ::fsync(file.get()) == 0);
  const SystemError error = SystemError::last();
  const bool closed = file.close();
  if (written && closed) return {};
  const SystemError told = written ? SystemError::last() : error;
  ::unlink(path.c_str());
  return tl::unexpected(told);
}

SystemResult<std::optional<std::string>> read_whole_file(const std::string& path, std::size_t size_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return failed();
  if (status.st_size < 0 || static_cast<std::size_t>(status.st_size) > size_max) {
    return tl::unexpected(SystemError{EFBIG});
  }
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed();
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

SystemResult<void> replace_file(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return failed();
  return {};
}

SystemResult<bool> place_file(const std::string& from, const std::string& to) {
  // link() refuses where rename() would replace.
  const bool placed = ::link(from.c_str(), to.c_str()) == 0;
  const SystemError error = SystemError::last();
  ::unlink(from.c_str());
  if (!placed && error.number != EEXIST) return tl::unexpected(error);
  return placed;
}

SystemResult<void> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR) return failed();
  return {};
}

void sync_folder(const std::string& path) {
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0) static_cast<void>(::fsync(folder.get()));
}

SystemResult<bool> create_private_folder(const std::string& path) {
  if (::mkdir(path.c_str(), S_IRWXU) == 0) return true;
  if (errno != EEXIST) return failed();
  return false;
}

}  // namespace understudy
