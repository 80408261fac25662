#include "traffic/base/endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#ifdef _WIN32
#include <ws2tcpip.h>
#else
#include <arpa/inet.h>
#endif

namespace understudy {

IpAddress IpAddress::v4(const std::uint8_t* from) {
  IpAddress address;
  std::memcpy(address.bytes.data(), from, 4);
  return address;
}

IpAddress IpAddress::v6(const std::uint8_t* from) {
  IpAddress address;
  std::memcpy(address.bytes.data(), from, 16);
  address.is_v6 = true;
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string terminated(text);  // inet_pton wants a terminated string
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) return v4(bytes.data());
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return v6(bytes.data());
  return std::nullopt;
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes.data(), text, sizeof text);
  return text;
}

std::string Endpoint::to_string() const {
  std::string text = address.is_v6 ? "[" + address.to_string() + "]" : address.to_string();
  return text + ":" + std::to_string(port);
}

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool has_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (has_brackets) host = host.substr(1, host.size() - 2);
  Endpoint endpoint;
  const auto address = IpAddress::parse(host);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), endpoint.port);
  const bool is_number = error == std::errc{} && end == digits.data() + digits.size();
  if (!address || address->is_v6 != has_brackets || !is_number) return std::nullopt;
  endpoint.address = *address;
  return endpoint;
}

std::optional<IpRange> IpRange::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto base = IpAddress::parse(text.substr(0, slash));
  if (!base) return std::nullopt;
  const unsigned bits = base->is_v6 ? 128 : 32;
  unsigned length = bits;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (error != std::errc{} || end != digits.data() + digits.size() || length > bits) return std::nullopt;
  }
  return IpRange{*base, static_cast<std::uint8_t>(length)};
}

bool IpRange::contains(const IpAddress& address) const {
  if (address.is_v6 != base.is_v6) return false;
  const unsigned whole = prefix_length / 8U;
  if (!std::equal(base.bytes.begin(), base.bytes.begin() + whole, address.bytes.begin())) return false;
  const unsigned rest = prefix_length % 8U;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xFF00U >> rest);
  return ((base.bytes[whole] ^ address.bytes[whole]) & mask) == 0;
}

}  // namespace understudy
