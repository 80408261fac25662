#include "traffic/middleware/hex_line.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace understudy {
namespace {

constexpr std::uint8_t none = 0xFF;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  for (std::uint8_t& value : values) value = none;
  for (std::uint8_t i = 0; i < 10; ++i) values[static_cast<std::size_t>('0') + i] = i;
  for (std::uint8_t i = 0; i < 6; ++i) {
    values[static_cast<std::size_t>('a') + i] = static_cast<std::uint8_t>(10 + i);
    values[static_cast<std::size_t>('A') + i] = static_cast<std::uint8_t>(10 + i);
  }
  return values;
}

constexpr std::array<std::uint8_t, 256> values_of_digits = make_values();

}  // namespace

void append_hex(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::size_t at = out.size();
  out.resize(at + 2 * bytes.size());
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    out[at++] = digits[value >> 4U];
    out[at++] = digits[value & 0xFU];
  }
}

std::optional<std::string> decode_hex(std::string_view line) {
  if (line.size() % 2 != 0) return std::nullopt;
  std::string bytes(line.size() / 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::uint8_t high = values_of_digits[static_cast<unsigned char>(line[2 * i])];
    const std::uint8_t low = values_of_digits[static_cast<unsigned char>(line[2 * i + 1])];
    if (high == none || low == none) return std::nullopt;
    bytes[i] = static_cast<char>(high << 4U | low);
  }
  return bytes;
}

}  // namespace understudy
