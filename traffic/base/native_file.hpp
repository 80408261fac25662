// An open file, pipe or device, read or written piece by piece without a buffer. One source file per platform.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

#include "traffic/base/clock.hpp"
#include "traffic/base/native_handle.hpp"
#include "traffic/base/system_error.hpp"

namespace understudy {

template <typename T>
using SystemResult = tl::expected<T, SystemError>;

class NativeFile {
 public:
  enum class Kind : std::uint8_t {
    regular,
    folder,
    stream,  // a pipe, socket, terminal or device: has no size, and may keep a reader waiting
  };

  // "-" is standard input, which stays open afterwards. Others may go on writing, renaming or removing the file.
  [[nodiscard]] static SystemResult<NativeFile> open_to_read(const std::string& path);
  // Creates the file, or empties it; "-" is standard output, which stays open afterwards. A new file can be read by its
  // owner and group (POSIX), or its owner, administrators and the system (Windows) only.
  [[nodiscard]] static SystemResult<NativeFile> create(const std::string& path);

  NativeFile(NativeFile&& other) noexcept
      : handle_(std::exchange(other.handle_, no_handle)),
        owned_(other.owned_),
        kind_(other.kind_),
        size_(other.size_),
        id_(other.id_) {}
  NativeFile& operator=(NativeFile&&) = delete;
  NativeFile(const NativeFile&) = delete;
  ~NativeFile() { static_cast<void>(close()); }

  [[nodiscard]] Kind kind() const { return kind_; }
  // Of a regular file when it was opened, else 0.
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // Of a regular file: tells it apart from others of its file system, such as the one that later gets its name.
  [[nodiscard]] std::uint64_t id() const { return id_; }

  // Reads up to `size` bytes and waits for the first. 0 is the end.
  [[nodiscard]] SystemResult<std::size_t> read(void* into, std::size_t size);
  // The same of a regular file's bytes from `offset` on.
  [[nodiscard]] SystemResult<std::size_t> read_at(std::uint64_t offset, void* into, std::size_t size);
  // Whether read() would not wait: waits for that until `timeout` has passed or `wake`, if there is one, is readable
  // (POSIX) or signalled (Windows).
  [[nodiscard]] bool wait_readable(Nanoseconds timeout, NativeHandle wake = no_handle) const;
  // Writes everything.
  [[nodiscard]] SystemResult<void> write(std::string_view bytes);
  // Nothing may be read or written afterwards. The error of a write that was still on its way.
  [[nodiscard]] SystemResult<void> close();

 private:
  NativeFile(NativeHandle handle, bool owned) : handle_(handle), owned_(owned) {}
  // Finds kind, size and id out.
  [[nodiscard]] SystemResult<void> inspect();

  NativeHandle handle_;
  bool owned_;
  Kind kind_ = Kind::stream;
  std::uint64_t size_ = 0;
  std::uint64_t id_ = 0;
};

}  // namespace understudy
