// An IP address, and an address with a port, as values.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace understudy {

// IPv4 or IPv6. IPv4 uses the first four bytes; the rest are zero. Network byte order. A plain value: cheap to copy.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  bool is_v6 = false;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

  // From 4 or 16 bytes in network order. REQUIRES: that many bytes readable.
  [[nodiscard]] static IpAddress v4(const std::uint8_t* from);
  [[nodiscard]] static IpAddress v6(const std::uint8_t* from);
  // "192.0.2.1" or "2001:db8::1", without brackets or scope. Empty when it is neither.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
  // RFC 5952 for IPv6, without brackets.
  [[nodiscard]] std::string to_string() const;
};

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;

  // "192.0.2.1:80" or "[2001:db8::1]:80".
  [[nodiscard]] std::string to_string() const;
  // What to_string() gives, and nothing else.
  [[nodiscard]] static std::optional<Endpoint> parse(std::string_view text);
};

// A range of addresses in CIDR form, "10.0.0.0/8"; a bare address is a range of one.
struct IpRange {
  IpAddress base;
  std::uint8_t prefix_length = 0;

  [[nodiscard]] static std::optional<IpRange> parse(std::string_view text);
  [[nodiscard]] bool contains(const IpAddress& address) const;
};

}  // namespace understudy
