// Pipes to a child process whose end on this side never makes a thread wait. Windows only.
//
// Anonymous pipes of Windows have no such mode, so these are named pipes with overlapped calls: one read, or one write,
// is always on its way. Thread safety: one thread.
#pragma once

#include <windows.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/system_error.hpp"
#include "traffic/middleware/middleware_child.hpp"

namespace understudy {

class ChildPipe {
 public:
  enum class Direction : bool { to_child, from_child };

  // A pipe, and the end that the child is to inherit. The caller closes that.
  struct Ends;
  [[nodiscard]] static tl::expected<Ends, SystemError> create(Direction direction);
  ~ChildPipe();
  ChildPipe(const ChildPipe&) = delete;
  ChildPipe& operator=(const ChildPipe&) = delete;

  // Appends what has come. REQUIRES: from_child.
  [[nodiscard]] MiddlewareChild::Transfer read(std::string& out);
  // Takes a piece off the front of `bytes` when the piece before it has gone. REQUIRES: to_child.
  [[nodiscard]] MiddlewareChild::Transfer write(std::string_view& bytes);
  void close();

  [[nodiscard]] bool is_closed() const { return pipe_ == nullptr; }
  // Signalled when read() or write() has something to do or to tell.
  [[nodiscard]] HANDLE event() const { return overlapped_.hEvent; }

 private:
  ChildPipe(HANDLE pipe, HANDLE event);
  void begin_read();
  // Whether the call on its way is done; `moved` is its bytes. A failed one closes the pipe.
  [[nodiscard]] bool finish(DWORD& moved);

  HANDLE pipe_;
  OVERLAPPED overlapped_{};  // the kernel knows its address
  std::vector<char> buffer_;
  bool on_its_way_ = false;
};

struct ChildPipe::Ends {
  std::unique_ptr<ChildPipe> ours;
  HANDLE theirs = nullptr;
};

}  // namespace understudy
