// Integers of the `.take` format in memory: little-endian, and LEB128 of variable length.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace understudy {

// Stores, and returns the place behind. REQUIRES: sizeof(value) bytes of room. Compilers make one move of it.
template <typename T>
requires std::is_unsigned_v<T>
inline char* store_le(char* to, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    *to++ = static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
  }
  return to;
}

// REQUIRES: sizeof(T) bytes to read.
template <typename T>
requires std::is_unsigned_v<T>
[[nodiscard]] inline T load_le(const char* from) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(value | static_cast<T>(static_cast<T>(static_cast<unsigned char>(from[i])) << (8 * i)));
  }
  return value;
}

inline constexpr std::size_t varint_max = 10;  // bytes

// Seven bits a byte, the lowest first; a set top bit says that another follows. REQUIRES: varint_max bytes of room.
inline char* store_varint(char* to, std::uint64_t value) {
  while (value >= 0x80) {
    *to++ = static_cast<char>(static_cast<unsigned char>(value | 0x80));
    value >>= 7;
  }
  *to++ = static_cast<char>(value);
  return to;
}

// Signed numbers near zero become small unsigned ones.
[[nodiscard]] constexpr std::uint64_t to_zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
}
[[nodiscard]] constexpr std::int64_t from_zigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1U) ^ -static_cast<std::int64_t>(value & 1U);
}

// Takes values from the front of bytes that nobody vouches for. After the first that is not there, ok() is false and
// all further ones are zero or empty.
class TakeCursor {
 public:
  explicit TakeCursor(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  template <typename T>
  requires std::is_unsigned_v<T>
  [[nodiscard]] T fixed() {
    const std::string_view taken = bytes(sizeof(T));
    return ok_ ? load_le<T>(taken.data()) : T{0};
  }
  [[nodiscard]] std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      const auto byte = fixed<std::uint8_t>();
      if (shift == 63 && byte > 1) break;  // beyond 64 bits
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }
  [[nodiscard]] std::string_view bytes(std::uint64_t count) {
    if (!ok_ || count > rest_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(count));
    rest_.remove_prefix(static_cast<std::size_t>(count));
    return taken;
  }
  // A length and so many bytes.
  [[nodiscard]] std::string_view text() { return bytes(varint()); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace understudy
