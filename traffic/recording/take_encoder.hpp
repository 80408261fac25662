// Encodes exchanges as the blocks of one `.take` segment, and hands each block to a sink whole.
//
//   TakeEncoder encoder({...});
//   encoder.add(exchange, sink);   ...   encoder.flush(sink);   ...   encoder.finish({...}, sink);
//
// The segment's own block goes in front of the first one. Exchanges are gathered until their block is full
// (take_block_target) or flush() is called. An exchange whose request began more than `late_after` before the newest
// one goes into a block of its own kind of lateness, closed together with the other: so most blocks span little time,
// and a reader that orders by time needs to hold little.
//
// After a sink has failed: rewind(), to the number of blocks that reached the file whole, and everything that was added
// behind them is added again.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "traffic/base/clock.hpp"
#include "traffic/recording/jsonl_writer.hpp"
#include "traffic/recording/take_key.hpp"
#include "traffic/recording/take_packer.hpp"
#include "traffic/recording/take_record.hpp"

namespace understudy {

struct TakeEncoderOptions {
  // Names and texts about where the exchanges come from: see FORMAT.md for those that readers know. "key_check" is
  // added here.
  TakeOrigin origin;
  std::optional<TakeKey> key;  // encrypts
  // Of zstd. For a host that has other work: takes less than half the time of level 1. Real traffic gets 1 to 6 %
  // larger by it, very uniform traffic a third to a half; converting a recording packs it tighter.
  int compression_level = -5;
  Nanoseconds late_after = std::chrono::seconds(1);
  std::size_t block_bytes = take_block_target;
};

class TakeEncoder {
 public:
  explicit TakeEncoder(TakeEncoderOptions options);

  // Takes an exchange, and closes the block when it is full. One larger than a block goes into blocks of its own, at
  // once and without being copied as a whole; one larger than take_exchange_max loses its bodies. False: the sink
  // refused a block.
  [[nodiscard]] bool add(const TakeExchange& exchange, ByteSink& sink);
  // Takes exchanges as store_take_exchange() has written them. They go into one block, or into two when some are late.
  // REQUIRES: together they fit into a block, and each is whole.
  [[nodiscard]] bool add_records(const TakeRecordRun& records, ByteSink& sink);
  // Closes the blocks that have exchanges.
  [[nodiscard]] bool flush(ByteSink& sink);
  // Writes a snapshot of the ledger, behind everything that was added. `ledger` counts from the segment's begin.
  [[nodiscard]] bool write_ledger(const TakeLedger& ledger, ByteSink& sink);
  // Writes everything that is left and the certificate; either part of it may be null. Then restart(), or rewind().
  [[nodiscard]] bool finish(const TakeLedger* ledger, const TakeStatement* statement, ByteSink& sink);
  // Begins a new segment with what is added next.
  void restart();

  // Exchanges that were added and are in no block yet.
  [[nodiscard]] std::size_t pending() const { return on_time_.records + late_.records; }
  // Blocks that this segment has, its own included; 0 before it begins.
  [[nodiscard]] std::uint32_t blocks() const { return blocks_; }
  // Forgets what is pending, and goes on as if only so many blocks had been written. REQUIRES: blocks <= blocks().
  void rewind(std::uint32_t blocks);

 private:
  // A block that is being filled.
  struct Open {
    std::string payload;
    std::uint32_t records = 0;
    std::int64_t time_min = 0;
    std::int64_t time_max = 0;

    void note(std::int64_t earliest, std::int64_t latest, std::uint32_t count);
    void clear();
  };

  [[nodiscard]] bool is_late(std::int64_t time) const;
  // The block that a record of that time belongs to, which counts it.
  [[nodiscard]] Open& open_for(std::int64_t time);
  [[nodiscard]] bool flush_if_full(ByteSink& sink);
  [[nodiscard]] bool add_in_parts(const TakeExchange& exchange, ByteSink& sink);
  [[nodiscard]] bool begin(ByteSink& sink);
  [[nodiscard]] bool close(Open& open, bool more, ByteSink& sink);
  [[nodiscard]] bool write_block(TakeBlockKind kind, std::uint16_t flags, const Open& open, ByteSink& sink);

  TakeEncoderOptions options_;
  TakePacker packer_;
  std::uint64_t segment_ = 0;
  std::uint32_t blocks_ = 0;
  std::uint32_t counter_ = 0;  // for nonces: grows also over blocks that were taken back
  std::optional<std::int64_t> newest_;
  Open on_time_;
  Open late_;
  TakeExchangePieces pieces_;
  TakeExchangeView slow_;
  std::string block_;
};

}  // namespace understudy
