// The few calls on a socket of TCP whose names differ between platforms. One source file per platform.
//
// For code that waits in a thread of its own; what carries traffic is Asio's (traffic/net). None of these waits, but
// wait_for_socket(). Thread safety: one thread for each socket.
#pragma once

#include <cstddef>
#include <cstdint>

#include "traffic/base/clock.hpp"
#include "traffic/base/system_error.hpp"

namespace understudy {

#ifdef _WIN32
using NativeSocket = std::uintptr_t;  // a SOCKET
#else
using NativeSocket = int;
#endif

enum class SocketEvent : std::uint8_t { readable, writable, either };

enum class SocketWait : std::uint8_t {
  ready,    // the event, or an error that the next call tells
  elapsed,  // neither within the time; or a signal came
  failed,   // last_socket_error() says why
};

// The time is rounded up to milliseconds; at most a minute.
[[nodiscard]] SocketWait wait_for_socket(NativeSocket socket, SocketEvent event, Nanoseconds time_max);

// As recv(2) and send(2). -1 with would_block(): nothing can be moved now. A closed peer raises no signal.
[[nodiscard]] std::ptrdiff_t receive_some(NativeSocket socket, char* to, std::size_t size);
[[nodiscard]] std::ptrdiff_t send_some(NativeSocket socket, const char* from, std::size_t size);
// Whether the last call that returned -1 is to be tried again later.
[[nodiscard]] bool would_block();

// Tells the peer that no more comes.
void end_sending(NativeSocket socket);

void close_socket(NativeSocket socket);

// Once for each socket, before the calls above.
void make_non_blocking(NativeSocket socket);

// Before bind() of a listening socket: nobody shares its port, and one that has just ended does not keep it.
void claim_address(NativeSocket socket);

// The error of the last socket call of this thread that failed.
[[nodiscard]] SystemError last_socket_error();
void clear_socket_error();
// Takes the error that is pending at the socket, such as that of a connection that could not be made; number 0: none.
[[nodiscard]] SystemError take_socket_error(NativeSocket socket);

enum class ConnectStart : std::uint8_t {
  connected,
  on_its_way,  // the socket is writable once it is decided; take_socket_error() tells how
  failed,      // last_socket_error() says why
};

// connect(2) of a non-blocking socket to a sockaddr of that size.
[[nodiscard]] ConnectStart begin_connect(NativeSocket socket, const void* address, std::size_t size);

}  // namespace understudy
