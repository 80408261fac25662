// Where the exchanges of a file lie, by time: made of its block headers, so that they can be read in order.
//
// Memory: 40 bytes an entry, entries_max of them. Beyond that neighbours are put together; a file that cannot be
// indexed so is read as a pipe is. Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "traffic/recording/take_scan.hpp"
#include "traffic/recording/take_segments.hpp"

namespace understudy {

// Blocks that are read together: one as a rule, several for an exchange in parts.
struct TakeRun {
  std::uint64_t offset = 0;
  std::uint64_t end = 0;
  std::int64_t time_min = 0;
  std::int64_t time_max = 0;
  std::uint64_t session_base = 0;
};

class TakeIndex final : private TakeScanHandler {
 public:
  static constexpr std::size_t entries_max = std::size_t{1} << 18U;

  // References outlive this.
  TakeIndex(TakeInput& input, std::string path, TakeUnpacker& unpacker, TakeSegments& segments,
            RecordingReport& report);

  // Scans the file. Damage goes into the report; segments learn all but what exchanges' payloads tell. False: it has
  // too many runs to be indexed. REQUIRES: `input` is seekable.
  [[nodiscard]] Result<bool> build();

  // Sorted by time_min, then by offset.
  [[nodiscard]] const std::vector<TakeRun>& runs() const { return runs_; }
  // The first byte of the earliest request, as the headers tell.
  [[nodiscard]] std::optional<WallTime> first() const { return first_; }

 private:
  Result<void> on_block(const TakeBlock& block, bool after_damage) override;
  void on_block_cut(const TakeBlock& block) override;
  void on_damage(RecordingDamage damage) override;
  void add_exchanges(const TakeBlock& block);
  void drop_open_part();
  void put_neighbours_together();

  TakeInput& input_;
  const std::string path_;
  TakeUnpacker& unpacker_;
  TakeSegments& segments_;
  RecordingReport& report_;
  std::vector<TakeRun> runs_;
  std::optional<WallTime> first_;
  bool part_open_ = false;  // the last run waits for the next part of its exchange
  bool too_many_ = false;
};

}  // namespace understudy
