// Encryption of a recording at rest: AES-256-GCM (NIST SP 800-38D) with a key from a file.
//
// Each block's payload is sealed on its own. The nonce is the segment's random id and a counter that never repeats
// within a segment; bytes 8 to 51 of the block header are authenticated with the payload, so that blocks cannot be
// exchanged or reordered unnoticed. Names of hosts and ports in a segment's origin, sizes and times stay readable.
//
// Thread safety: a const TakeKey may be used from any thread; a TakeCipher by one.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "traffic/base/error.hpp"

namespace understudy {

class TakeKey {
 public:
  // From a file of 32 bytes, or of 64 hexadecimal digits with or without a line end. The error has the given code.
  [[nodiscard]] static Result<TakeKey> load(const std::string& path, ExitCode code);
  explicit TakeKey(const std::array<std::uint8_t, 32>& bytes) : bytes_(bytes) {}

  // Tells a wrong key from damage: 16 hexadecimal digits of HMAC-SHA-256 over a constant and the segment's id.
  [[nodiscard]] std::string check_value(std::uint64_t segment) const;
  [[nodiscard]] const std::array<std::uint8_t, 32>& bytes() const { return bytes_; }

 private:
  std::array<std::uint8_t, 32> bytes_{};
};

class TakeCipher {
 public:
  explicit TakeCipher(const TakeKey& key);
  ~TakeCipher();
  TakeCipher(const TakeCipher&) = delete;
  TakeCipher& operator=(const TakeCipher&) = delete;

  // Appends counter, ciphertext and tag to `out`. REQUIRES: the counter was never used with this segment.
  void seal(std::uint64_t segment, std::uint32_t counter, std::string_view bound, std::string_view plain,
            std::string& out);
  // The plain text of what seal() made, into `out`, which is replaced. False: a wrong key, or changed bytes.
  [[nodiscard]] bool open(std::uint64_t segment, std::string_view bound, std::string_view sealed, std::string& out);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace understudy
