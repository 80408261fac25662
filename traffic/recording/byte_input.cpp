#include "traffic/recording/byte_input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "traffic/base/native_file.hpp"

namespace understudy {
namespace {

class FileByteInput final : public ByteInput {
 public:
  FileByteInput(NativeFile file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}

  [[nodiscard]] Result<std::size_t> read(char* into, std::size_t size) override {
    const SystemResult<std::size_t> count = file_.read(into, size);
    if (count) return *count;
    return fail(ExitCode::recording_unreadable, fmt::format("cannot read {}: {}", name_, count.error().text()));
  }

 private:
  NativeFile file_;
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
  auto file = NativeFile::open_to_read(path);
  if (!file) {
    const ExitCode code = file.error().is_permission() ? ExitCode::permission : ExitCode::recording_unreadable;
    return fail(code, fmt::format("cannot open the recording {}: {}", path, file.error().text()));
  }
  if (file->kind() == NativeFile::Kind::folder) {
    return fail(ExitCode::recording_unreadable,
                fmt::format("{} is a folder, not a recording; name its files, as in {}/*", path, path));
  }
  return std::make_unique<FileByteInput>(*std::move(file), path == "-" ? "standard input" : path);
}

std::unique_ptr<ByteInput> memory_byte_input(std::string bytes) {
  return std::make_unique<MemoryInput>(std::move(bytes));
}

}  // namespace understudy
