#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "traffic/recording/byte_input.hpp"

namespace understudy {
namespace {

std::string text_of(int error_number) { return std::generic_category().message(error_number); }

class DescriptorInput final : public ByteInput {
 public:
  DescriptorInput(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}
  ~DescriptorInput() override {
    if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
  }
  DescriptorInput(const DescriptorInput&) = delete;
  DescriptorInput& operator=(const DescriptorInput&) = delete;

  [[nodiscard]] Result<std::size_t> read(char* into, std::size_t size) override {
    while (true) {
      const ssize_t count = ::read(descriptor_, into, size);
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) {
        return fail(ExitCode::recording_unreadable, fmt::format("cannot read {}: {}", name_, text_of(errno)));
      }
    }
  }

 private:
  const int descriptor_;
  const std::string name_;
};

class MemoryInput final : public ByteInput {
 public:
  explicit MemoryInput(std::string bytes) : bytes_(std::move(bytes)) {}

  [[nodiscard]] Result<std::size_t> read(char* into, std::size_t size) override {
    const std::size_t count = std::min(size, bytes_.size() - at_);
    if (count != 0) std::memcpy(into, bytes_.data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  const std::string bytes_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::unique_ptr<ByteInput>> open_byte_input(const std::string& path) {
  if (path == "-") return std::make_unique<DescriptorInput>(STDIN_FILENO, "standard input");
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) {
    const ExitCode code = errno == EACCES || errno == EPERM ? ExitCode::permission : ExitCode::recording_unreadable;
    return fail(code, fmt::format("cannot open the recording {}: {}", path, text_of(errno)));
  }
  struct stat status {};
  if (::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
    ::close(descriptor);
    return fail(ExitCode::recording_unreadable,
                fmt::format("{} is a folder, not a recording; name its files, as in {}/*", path, path));
  }
  return std::make_unique<DescriptorInput>(descriptor, path);
}

std::unique_ptr<ByteInput> memory_byte_input(std::string bytes) {
  return std::make_unique<MemoryInput>(std::move(bytes));
}

}  // namespace understudy
