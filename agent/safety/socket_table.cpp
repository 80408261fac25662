#include "agent/safety/socket_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

namespace understudy {
namespace {

constexpr unsigned state_established = 0x01;  // include/net/tcp_states.h of Linux
constexpr unsigned state_listen = 0x0a;
constexpr std::size_t hex_digits_of_word = 8;

template <typename Number>
bool parse_hex(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  return error == std::errc{} && end == text.data() + text.size();
}

std::string_view next_word(std::string_view& line) {
  const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
  const std::size_t end = std::min(line.find(' ', begin), line.size());
  const std::string_view word = line.substr(begin, end - begin);
  line.remove_prefix(end);
  return word;
}

// "0100007F:1F90", or four such words and a port. The kernel prints each 32 bit word in the host's order.
std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon != hex_digits_of_word && colon != 4 * hex_digits_of_word) return std::nullopt;
  Endpoint endpoint;
  if (!parse_hex(text.substr(colon + 1), endpoint.port)) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < colon / hex_digits_of_word; ++i) {
    std::uint32_t word = 0;
    if (!parse_hex(text.substr(i * hex_digits_of_word, hex_digits_of_word), word)) return std::nullopt;
    std::memcpy(bytes.data() + i * sizeof word, &word, sizeof word);
  }
  endpoint.address = colon == hex_digits_of_word ? IpAddress::v4(bytes.data()) : IpAddress::v6(bytes.data());
  return endpoint;
}

}  // namespace

void add_socket_table(std::string_view table, std::span<const std::uint16_t> ports, PortSockets& result) {
  while (!table.empty()) {
    const std::size_t line_end = std::min(table.find('\n'), table.size());
    std::string_view line = table.substr(0, line_end);
    table.remove_prefix(std::min(line_end + 1, table.size()));
    next_word(line);  // "0:", the row
    const std::optional<Endpoint> local = parse_endpoint(next_word(line));
    next_word(line);  // the other side
    unsigned state = 0;
    if (!local || !parse_hex(next_word(line), state)) continue;
    if (std::find(ports.begin(), ports.end(), local->port) == ports.end()) continue;
    if (state == state_established) ++result.established;
    if (state == state_listen) result.listening.push_back(local->address);
  }
}

}  // namespace understudy
