#include <windows.h>

#include "replay/source/standard_input.hpp"

namespace understudy {
namespace {

constexpr DWORD wait_step_ms = 5;  // between two looks at a pipe that has too few bytes

std::string peek_file(HANDLE input, std::size_t wanted) {
  std::string bytes(wanted, '\0');
  DWORD count = 0;
  LARGE_INTEGER before{};
  if (::SetFilePointerEx(input, LARGE_INTEGER{}, &before, FILE_CURRENT) == 0) return {};
  const bool read = ::ReadFile(input, bytes.data(), static_cast<DWORD>(wanted), &count, nullptr) != 0;
  ::SetFilePointerEx(input, before, nullptr, FILE_BEGIN);
  bytes.resize(read ? count : 0);
  return bytes;
}

std::string peek_pipe(HANDLE input, std::size_t wanted) {
  std::string bytes(wanted, '\0');
  DWORD count = 0;
  while (true) {
    DWORD now = 0;
    const bool is_open = ::PeekNamedPipe(input, bytes.data(), static_cast<DWORD>(wanted), &now, nullptr, nullptr) != 0;
    if (is_open) count = now;
    if (!is_open || count == wanted) break;  // a pipe whose writer is gone gets no further bytes
    ::Sleep(wait_step_ms);
  }
  bytes.resize(count);
  return bytes;
}

}  // namespace

std::string peek_standard_input(std::size_t wanted) {
  const HANDLE input = ::GetStdHandle(STD_INPUT_HANDLE);
  switch (::GetFileType(input)) {
    case FILE_TYPE_DISK: return peek_file(input, wanted);
    case FILE_TYPE_PIPE: return peek_pipe(input, wanted);
    default: return {};
  }
}

}  // namespace understudy
