#include "traffic/recording/base64.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "traffic/base/bytes.hpp"
#include "traffic/base/check.hpp"

namespace understudy {
namespace {

constexpr std::uint8_t none = 0xFF;

constexpr std::array<std::uint8_t, 256> make_values() {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::uint8_t, 256> values{};
  for (std::uint8_t& value : values) value = none;
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

constexpr std::array<std::uint8_t, 256> values_of_digits = make_values();

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  const ByteView input = as_bytes(bytes);
  const std::size_t before = out.size();
  const std::size_t encoded = (bytes.size() + 2) / 3 * 4;
  out.resize(before + encoded + 1);  // OpenSSL writes a zero behind it
  const int written = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data() + before), input.data(),
                                      static_cast<int>(input.size()));
  CHECK(written >= 0 && static_cast<std::size_t>(written) == encoded);
  out.resize(before + encoded);
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t group = 0;
  unsigned bits = 0;
  std::size_t at = 0;
  for (; at < text.size() && text[at] != '='; ++at) {
    const char c = text[at];
    if (c == '\r' || c == '\n' || c == ' ' || c == '\t') continue;
    const std::uint8_t value = values_of_digits[static_cast<unsigned char>(c)];
    if (value == none) return std::nullopt;
    group = (group << 6U) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>((group >> bits) & 0xFFU);
    }
  }
  if (bits >= 6) return std::nullopt;  // one digit alone
  if (text.substr(at).find_first_not_of("= \t\r\n") != std::string_view::npos) return std::nullopt;
  return bytes;
}

}  // namespace understudy
