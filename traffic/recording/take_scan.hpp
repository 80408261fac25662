// Finds the blocks of a recording, and goes on behind what is damaged.
//
// Thread safety: one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "traffic/base/error.hpp"
#include "traffic/recording/exchange_source.hpp"
#include "traffic/recording/take_header.hpp"
#include "traffic/recording/take_input.hpp"

namespace understudy {

struct TakeBlock {
  std::uint64_t offset = 0;
  TakeHeader header;

  [[nodiscard]] std::uint64_t payload_offset() const { return offset + take_header_size; }
  [[nodiscard]] std::uint64_t end() const { return payload_offset() + header.packed; }
};

// The block whose header is exactly there; nothing where there is none that this version can use. A header with a right
// checksum and sizes that no block has is none.
[[nodiscard]] Result<std::optional<TakeBlock>> take_block_at(TakeInput& input, std::uint64_t offset);

// The first block at `from` or behind it, and not behind `until`. Reads every byte up to there, with a window of 64
// KiB, and forgets them where the input is a pipe.
[[nodiscard]] Result<std::optional<TakeBlock>> find_take_block(TakeInput& input, std::uint64_t from,
                                                               std::uint64_t until = UINT64_MAX);

// Refuses what is no recording of this version: an empty file, one without a block in its first MiB, a later version.
// Returns the offset of the first block.
[[nodiscard]] Result<std::uint64_t> check_take_begin(TakeInput& input, const std::string& path);

// Receives what scan_take() finds, in the file's order.
class TakeScanHandler {
 public:
  virtual ~TakeScanHandler() = default;
  // `after_damage`: the bytes in front of it were told as damage. An error ends the scan.
  [[nodiscard]] virtual Result<void> on_block(const TakeBlock& block, bool after_damage) = 0;
  // The block told last is no whole one after all: another one begins inside it. Its bytes follow as damage.
  virtual void on_block_cut(const TakeBlock& block) = 0;
  virtual void on_damage(RecordingDamage damage) = 0;
};

// Goes through the headers of a file. Payloads are not read, but where a header leads to no other. REQUIRES: `input` is
// seekable.
[[nodiscard]] Result<void> scan_take(TakeInput& input, const std::string& path, TakeScanHandler& handler);

}  // namespace understudy
