// Payloads into blocks and back: compression, encryption, checksums.
//
// Both keep their buffers and contexts between blocks. Thread safety: one thread each.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "traffic/recording/take_header.hpp"
#include "traffic/recording/take_key.hpp"

namespace understudy {

class TakePacker {
 public:
  // `key` may be null: nothing is encrypted; it is copied. Levels are zstd's.
  TakePacker(int compression_level, const TakeKey* key);
  ~TakePacker();
  TakePacker(const TakePacker&) = delete;
  TakePacker& operator=(const TakePacker&) = delete;

  // Appends the block, header and payload, to `out`. Of the header, sizes, mask, checksums and the flags of compression
  // and encryption are filled in; `counter` is for the nonce. A segment's own block stays readable without the key.
  // REQUIRES: the payload is at most take_payload_max long; the counter was not used in this segment before.
  void pack(TakeHeader header, std::string_view payload, std::uint32_t counter, std::string& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

enum class TakeUnpacked : std::uint8_t {
  good,
  checksum,      // the payload is not what was written
  sealed,        // encrypted, and no key was given
  not_openable,  // the key is another one, or the bytes were changed on purpose
  malformed,     // the checksums are right and yet it does not unpack: written by something else
};

class TakeUnpacker {
 public:
  explicit TakeUnpacker(const TakeKey* key);
  ~TakeUnpacker();
  TakeUnpacker(const TakeUnpacker&) = delete;
  TakeUnpacker& operator=(const TakeUnpacker&) = delete;

  // Unpacks a block's payload. `stored` are the header.packed bytes behind the header. When good, payload() has the
  // result until the next call. Memory: three times take_payload_max at most.
  [[nodiscard]] TakeUnpacked unpack(const TakeHeader& header, std::string_view stored);
  [[nodiscard]] std::string_view payload() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy
