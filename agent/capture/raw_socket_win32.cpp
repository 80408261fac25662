#include "agent/capture/raw_socket_win32.hpp"

// In the order that these need.
// clang-format off
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <mstcpip.h>
// clang-format on

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "agent/capture/bare_ipv6.hpp"
#include "agent/capture/link_type.hpp"
#include "traffic/base/system_error.hpp"

namespace understudy {
namespace {

// An IP packet, with room for an IPv6 header that we write ourselves.
constexpr std::size_t packet_bytes_max = 65'535 + ipv6_header_size;

// WSASocket and its like keep their errors where GetLastError() finds them.
tl::unexpected<Error> socket_failed(const char* call, const std::string& address) {
  const SystemError error = SystemError::last();
  const std::string what = fmt::format("{} on {}: {}", call, address, error.text());
  switch (error.number) {
    case WSAEACCES:
    case ERROR_ACCESS_DENIED:
      return fail(ExitCode::permission,
                  fmt::format("raw sockets need administrator rights: {}; run as a service, or from a console that was "
                              "started as administrator",
                              what));
    case WSAEOPNOTSUPP:
    case WSAEINVAL:
    case WSAENOPROTOOPT:
    case WSAESOCKTNOSUPPORT:
    case WSAEPROTONOSUPPORT:
    case WSAEAFNOSUPPORT:
      return fail(
          ExitCode::engine_missing,
          fmt::format("this system's raw sockets cannot receive all packets (SIO_RCVALL): {}; install Npcap", what));
    default: return fail(ExitCode::no_interface, fmt::format("cannot capture by a raw socket: {}", what));
  }
}

IpAddress address_of(const sockaddr_storage& from) {
  return IpAddress::v6(static_cast<const sockaddr_in6*>(static_cast<const void*>(&from))->sin6_addr.s6_addr);
}

// The destination, out of the control data that IPV6_PKTINFO asks for.
std::optional<IpAddress> destination_of(WSAMSG& message) {
  for (WSACMSGHDR* header = WSA_CMSG_FIRSTHDR(&message); header != nullptr;
       header = WSA_CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != IPPROTO_IPV6 || header->cmsg_type != IPV6_PKTINFO) continue;
    return IpAddress::v6(reinterpret_cast<const in6_pktinfo*>(WSA_CMSG_DATA(header))->ipi6_addr.s6_addr);
  }
  return std::nullopt;
}

}  // namespace

RawSocket::RawSocket(std::uintptr_t socket, bool is_v6) : socket_(socket), is_v6_(is_v6), buffer_(packet_bytes_max) {
  view_.link_type = link_type::raw_ip;
}

RawSocket::~RawSocket() { ::closesocket(socket_); }

Result<std::unique_ptr<RawSocket>> RawSocket::open(const AdapterAddress& address, std::size_t buffer_bytes,
                                                   bool promiscuous, void* event) {
  const bool is_v6 = address.address.is_v6;
  const SOCKET created = ::WSASocketW(is_v6 ? AF_INET6 : AF_INET, SOCK_RAW, is_v6 ? IPPROTO_IPV6 : IPPROTO_IP, nullptr,
                                      0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  if (created == INVALID_SOCKET) return socket_failed("socket(SOCK_RAW)", address.address.to_string());
  std::unique_ptr<RawSocket> socket(new RawSocket(created, is_v6));
  if (Result<void> configured = socket->configure(address, buffer_bytes, promiscuous, event); !configured) {
    return tl::unexpected(std::move(configured.error()));
  }
  return socket;
}

Result<void> RawSocket::configure(const AdapterAddress& address, std::size_t buffer_bytes, bool promiscuous,
                                  void* event) {
  const std::string text = address.address.to_string();
  sockaddr_storage local{};
  int local_size = 0;
  if (is_v6_) {
    auto* v6 = static_cast<sockaddr_in6*>(static_cast<void*>(&local));
    v6->sin6_family = AF_INET6;
    v6->sin6_scope_id = address.scope;
    std::copy(address.address.bytes.begin(), address.address.bytes.end(), v6->sin6_addr.s6_addr);
    local_size = sizeof *v6;
  } else {
    auto* v4 = static_cast<sockaddr_in*>(static_cast<void*>(&local));
    v4->sin_family = AF_INET;
    std::copy_n(address.address.bytes.begin(), 4, reinterpret_cast<std::uint8_t*>(&v4->sin_addr));
    local_size = sizeof *v4;
  }
  if (::bind(socket_, static_cast<const sockaddr*>(static_cast<const void*>(&local)), local_size) != 0) {
    return socket_failed("bind", text);
  }
  // Best effort: Windows takes less where it must.
  const int wanted = static_cast<int>(std::min<std::size_t>(buffer_bytes, std::numeric_limits<int>::max()));
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, reinterpret_cast<const char*>(&wanted), sizeof wanted);
  DWORD returned = 0;
  if (is_v6_) {
    const DWORD on = 1;
    GUID wanted_function = WSAID_WSARECVMSG;
    if (::setsockopt(socket_, IPPROTO_IPV6, IPV6_PKTINFO, reinterpret_cast<const char*>(&on), sizeof on) != 0 ||
        ::WSAIoctl(socket_, SIO_GET_EXTENSION_FUNCTION_POINTER, &wanted_function, sizeof wanted_function,
                   &receive_message_, sizeof receive_message_, &returned, nullptr, nullptr) != 0) {
      return socket_failed("IPV6_PKTINFO with WSARecvMsg", text);
    }
  }
  DWORD mode = promiscuous ? RCVALL_ON : RCVALL_IPLEVEL;
  if (::WSAIoctl(socket_, SIO_RCVALL, &mode, sizeof mode, nullptr, 0, &returned, nullptr, nullptr) != 0) {
    return socket_failed("WSAIoctl(SIO_RCVALL)", text);
  }
  // Makes the socket non-blocking as well.
  if (::WSAEventSelect(socket_, event, FD_READ) != 0) return socket_failed("WSAEventSelect", text);
  return {};
}

RawSocket::Received RawSocket::receive() { return is_v6_ ? receive_v6() : receive_v4(); }

RawSocket::Received RawSocket::failure(int code) {
  if (code == WSAEWOULDBLOCK) return Received::none;
  // A packet that does not fit, and an ICMP error of some other traffic, say nothing about the socket.
  if (code == WSAEMSGSIZE || code == WSAECONNRESET || code == WSAENETRESET) return Received::unusable;
  error_ = SystemError{code}.text();
  return Received::failed;
}

void RawSocket::present(std::size_t begin, std::size_t end) {
  view_.data = ByteView(buffer_).subspan(begin, end - begin);
  view_.wire_length = static_cast<std::uint32_t>(end - begin);
  view_.time = system_clock().wall_now();
}

RawSocket::Received RawSocket::receive_v4() {
  const int size = ::recv(socket_, reinterpret_cast<char*>(buffer_.data()), static_cast<int>(buffer_.size()), 0);
  if (size < 0) return failure(::WSAGetLastError());
  if (size == 0) return Received::unusable;
  present(0, static_cast<std::size_t>(size));
  return Received::packet;
}

RawSocket::Received RawSocket::receive_v6() {
  sockaddr_storage from{};
  // Aligned as control data must be.
  alignas(WSACMSGHDR) std::array<char, 256> control{};
  WSABUF payload{static_cast<ULONG>(buffer_.size() - ipv6_header_size),
                 reinterpret_cast<char*>(buffer_.data() + ipv6_header_size)};
  WSAMSG message{};
  message.name = static_cast<sockaddr*>(static_cast<void*>(&from));
  message.namelen = sizeof from;
  message.lpBuffers = &payload;
  message.dwBufferCount = 1;
  message.Control = {static_cast<ULONG>(control.size()), control.data()};
  DWORD size = 0;
  const auto receive_message = reinterpret_cast<LPFN_WSARECVMSG>(receive_message_);
  if (receive_message(socket_, &message, &size, nullptr, nullptr) != 0) return failure(::WSAGetLastError());
  const std::optional<IpAddress> destination = destination_of(message);
  const ByteView segment = ByteView(buffer_).subspan(ipv6_header_size, std::min<std::size_t>(size, payload.len));
  const IpAddress source = address_of(from);
  if (!destination || !is_bare_tcp(segment, source, *destination)) return Received::unusable;
  write_ipv6_header(buffer_.data(), segment.size(), source, *destination);
  present(0, ipv6_header_size + segment.size());
  return Received::packet;
}

}  // namespace understudy
