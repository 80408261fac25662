#include <winsock2.h>

#include <algorithm>

#include "traffic/base/native_socket.hpp"

namespace understudy {
namespace {

constexpr std::size_t transfer_max = std::size_t{1} << 20U;  // the calls take an int

int bounded(std::size_t size) { return static_cast<int>(std::min(size, transfer_max)); }

short events_of(SocketEvent event) {
  if (event == SocketEvent::readable) return POLLRDNORM;
  return event == SocketEvent::writable ? POLLWRNORM : POLLRDNORM | POLLWRNORM;
}

}  // namespace

SocketWait wait_for_socket(NativeSocket socket, SocketEvent event, Nanoseconds time_max) {
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(time_max).count();
  WSAPOLLFD entry{socket, events_of(event), 0};
  const int ready = ::WSAPoll(&entry, 1, static_cast<int>(std::clamp<std::int64_t>(milliseconds, 0, 60'000)));
  if (ready > 0) return SocketWait::ready;
  return ready == 0 ? SocketWait::elapsed : SocketWait::failed;
}

std::ptrdiff_t receive_some(NativeSocket socket, char* to, std::size_t size) {
  return ::recv(socket, to, bounded(size), 0);
}

std::ptrdiff_t send_some(NativeSocket socket, const char* from, std::size_t size) {
  return ::send(socket, from, bounded(size), 0);
}

bool would_block() { return ::WSAGetLastError() == WSAEWOULDBLOCK; }

void end_sending(NativeSocket socket) { ::shutdown(socket, SD_SEND); }

void close_socket(NativeSocket socket) { ::closesocket(socket); }

void make_non_blocking(NativeSocket socket) {
  u_long on = 1;
  ::ioctlsocket(socket, static_cast<long>(FIONBIO), &on);
}

// With SO_REUSEADDR a second program would take over the port; Windows lets go of a closed one at once.
void claim_address(NativeSocket socket) {
  const BOOL on = TRUE;
  ::setsockopt(socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, reinterpret_cast<const char*>(&on), sizeof on);
}

void clear_socket_error() { ::WSASetLastError(0); }

SystemError last_socket_error() { return {::WSAGetLastError()}; }

SystemError take_socket_error(NativeSocket socket) {
  int error = 0;
  int size = sizeof error;
  const bool known = ::getsockopt(socket, SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&error), &size) == 0;
  return known ? SystemError{error} : last_socket_error();
}

ConnectStart begin_connect(NativeSocket socket, const void* address, std::size_t size) {
  if (::connect(socket, static_cast<const sockaddr*>(address), static_cast<int>(size)) == 0) {
    return ConnectStart::connected;
  }
  return would_block() ? ConnectStart::on_its_way : ConnectStart::failed;
}

}  // namespace understudy
