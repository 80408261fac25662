// One raw socket that receives every IP packet of one local address's adapter. Windows only.
//
// Source: learn.microsoft.com, "SIO_RCVALL control code", "TCP/IP raw sockets", "WSARecvMsg".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/capture/adapters_win32.hpp"
#include "agent/capture/packet.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// Thread safety: one thread.
class RawSocket {
 public:
  // Without promiscuous mode (RCVALL_IPLEVEL) unless asked for. `event`, a HANDLE of WSACreateEvent, is signalled when
  // packets are there; it outlives the socket. Errors: permission without administrator rights, engine_missing where
  // SIO_RCVALL does not exist, no_interface for anything else.
  [[nodiscard]] static Result<std::unique_ptr<RawSocket>> open(const AdapterAddress& address, std::size_t buffer_bytes,
                                                               bool promiscuous, void* event);
  ~RawSocket();
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  enum class Received : std::uint8_t {
    packet,    // view() has it
    unusable,  // something that is no IP, or IPv6 without TCP
    none,      // nothing is there now
    failed,    // the socket is of no use any more; error() says why
  };
  // Takes one packet, without waiting.
  [[nodiscard]] Received receive();
  // Raw IP. Valid until receive().
  [[nodiscard]] const PacketView& view() const { return view_; }
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  RawSocket(std::uintptr_t socket, bool is_v6);
  [[nodiscard]] Result<void> configure(const AdapterAddress& address, std::size_t buffer_bytes, bool promiscuous,
                                       void* event);
  [[nodiscard]] Received receive_v4();
  [[nodiscard]] Received receive_v6();
  [[nodiscard]] Received failure(int code);
  void present(std::size_t begin, std::size_t end);

  const std::uintptr_t socket_;  // SOCKET
  const bool is_v6_;
  void* receive_message_ = nullptr;  // LPFN_WSARECVMSG
  std::vector<std::uint8_t> buffer_;
  PacketView view_;
  std::string error_;
};

}  // namespace understudy
