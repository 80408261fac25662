#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "replay/source/standard_input.hpp"

namespace understudy {
namespace {

constexpr int wait_step_ms = 5;  // between two looks at a pipe that has some bytes, but too few

std::string peek_file(std::size_t wanted) {
  std::string bytes(wanted, '\0');
  const off_t at = ::lseek(STDIN_FILENO, 0, SEEK_CUR);
  const ssize_t count = at < 0 ? 0 : ::pread(STDIN_FILENO, bytes.data(), wanted, at);
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

// tee(2) copies between pipes and takes nothing.
std::string peek_pipe(std::size_t wanted) {
  while (true) {
    std::array<int, 2> copy{};
    if (::pipe2(copy.data(), O_CLOEXEC) != 0) return {};
    const ssize_t copied = ::tee(STDIN_FILENO, copy[1], wanted, 0);
    std::string bytes(wanted, '\0');
    const ssize_t count = copied > 0 ? ::read(copy[0], bytes.data(), wanted) : 0;
    ::close(copy[0]);
    ::close(copy[1]);
    if (copied < 0 && errno == EINTR) continue;
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    if (bytes.empty() || bytes.size() == wanted) return bytes;
    // A pipe whose writer is gone gets no further bytes.
    pollfd ended{STDIN_FILENO, 0, 0};
    if (::poll(&ended, 1, wait_step_ms) > 0 && (ended.revents & POLLHUP) != 0) return bytes;
  }
}

std::string peek_socket(std::size_t wanted) {
  std::string bytes(wanted, '\0');
  const ssize_t count = ::recv(STDIN_FILENO, bytes.data(), wanted, MSG_PEEK | MSG_WAITALL);
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

}  // namespace

std::string peek_standard_input(std::size_t wanted) {
  struct stat status {};
  if (::fstat(STDIN_FILENO, &status) != 0) return {};
  if (S_ISREG(status.st_mode)) return peek_file(wanted);
  if (S_ISFIFO(status.st_mode)) return peek_pipe(wanted);
  if (S_ISSOCK(status.st_mode)) return peek_socket(wanted);
  return {};
}

}  // namespace understudy
