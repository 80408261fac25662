#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "traffic/base/native_socket.hpp"

namespace understudy {
namespace {

short events_of(SocketEvent event) {
  if (event == SocketEvent::readable) return POLLIN;
  return event == SocketEvent::writable ? POLLOUT : POLLIN | POLLOUT;
}

}  // namespace

SocketWait wait_for_socket(NativeSocket socket, SocketEvent event, Nanoseconds time_max) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(time_max).count();
  pollfd entry{socket, events_of(event), 0};
  const int ready = ::poll(&entry, 1, static_cast<int>(std::clamp<std::int64_t>(milliseconds, 0, 60'000)));
  if (ready > 0) return SocketWait::ready;
  return ready == 0 || errno == EINTR ? SocketWait::elapsed : SocketWait::failed;
}

std::ptrdiff_t receive_some(NativeSocket socket, char* to, std::size_t size) {
  return ::recv(socket, to, size, MSG_DONTWAIT);
}

std::ptrdiff_t send_some(NativeSocket socket, const char* from, std::size_t size) {
  return ::send(socket, from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool would_block() { return errno == EAGAIN || errno == EINTR; }

void end_sending(NativeSocket socket) { ::shutdown(socket, SHUT_WR); }

void close_socket(NativeSocket socket) { ::close(socket); }

void make_non_blocking(NativeSocket socket) {
  const int flags = ::fcntl(socket, F_GETFL);
  if (flags >= 0) static_cast<void>(::fcntl(socket, F_SETFL, flags | O_NONBLOCK));
}

void claim_address(NativeSocket socket) {
  const int on = 1;
  static_cast<void>(::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
}

void clear_socket_error() { errno = 0; }

SystemError last_socket_error() { return SystemError::last(); }

SystemError take_socket_error(NativeSocket socket) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? SystemError{error} : SystemError::last();
}

ConnectStart begin_connect(NativeSocket socket, const void* address, std::size_t size) {
  if (::connect(socket, static_cast<const sockaddr*>(address), static_cast<socklen_t>(size)) == 0) {
    return ConnectStart::connected;
  }
  return errno == EINPROGRESS ? ConnectStart::on_its_way : ConnectStart::failed;
}

}  // namespace understudy
