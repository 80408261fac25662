// What the formats of capture files have in common: a parser that works on a buffer and does no I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "agent/capture/engine.hpp"
#include "traffic/base/bytes.hpp"

namespace understudy {

// Records longer than this are taken for damage. A jumbo segment with its headers is far below it.
inline constexpr std::size_t record_bytes_max = std::size_t{16} * 1024 * 1024;

struct FormatDamage {
  std::uint64_t offset = 0;  // in the file
  std::string what;
};

// What one call of parse() did.
struct FormatProgress {
  std::size_t consumed = 0;  // bytes of the buffer that are done with
  std::size_t packets = 0;
  // How many bytes the next record needs in the buffer; 0 when parse() stopped at the limit or at the damage.
  std::size_t needed = 0;
  std::optional<FormatDamage> damage;  // nothing behind this place can be used
};

class CaptureFormat {
 public:
  virtual ~CaptureFormat() = default;

  // Hands out the whole packets at the start of `buffer`, at most `packets_max`. `offset` is the buffer's place in the
  // file. Packets borrow from the buffer.
  [[nodiscard]] virtual FormatProgress parse(ByteView buffer, std::uint64_t offset, PacketHandler& handler,
                                             std::size_t packets_max) = 0;
  // Damage that was passed over: how many records, and the first one. Empty when there was none.
  [[nodiscard]] virtual std::uint64_t records_skipped() const { return 0; }
  [[nodiscard]] virtual const FormatDamage* first_skipped() const { return nullptr; }

  [[nodiscard]] virtual std::string name() const = 0;
};

inline constexpr std::size_t format_magic_size = 4;

// By the first bytes of a file; null when they are of no capture file. REQUIRES: format_magic_size bytes.
[[nodiscard]] std::unique_ptr<CaptureFormat> detect_format(ByteView start);

// Integers in the file's byte order.
class FileIntegers {
 public:
  explicit FileIntegers(bool big_endian = false) : big_endian_(big_endian) {}
  [[nodiscard]] std::uint16_t u16(const std::uint8_t* at) const {
    const std::uint16_t value = load_be16(at);
    return big_endian_ ? value : __builtin_bswap16(value);
  }
  [[nodiscard]] std::uint32_t u32(const std::uint8_t* at) const {
    const std::uint32_t value = load_be32(at);
    return big_endian_ ? value : __builtin_bswap32(value);
  }
  [[nodiscard]] std::uint64_t u64(const std::uint8_t* at) const {
    const std::uint64_t value = std::uint64_t{load_be32(at)} << 32 | load_be32(at + 4);
    return big_endian_ ? value : __builtin_bswap64(value);
  }

 private:
  bool big_endian_;
};

}  // namespace understudy
