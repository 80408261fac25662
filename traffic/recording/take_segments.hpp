// Keeps account of a recording's segments while its blocks are read in the file's order: origin, missing blocks,
// certificates; and says at the end how complete the recording is.
//
// Memory does not grow with the number of segments. Thread safety: one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "traffic/base/error.hpp"
#include "traffic/recording/exchange_source.hpp"
#include "traffic/recording/take_key.hpp"
#include "traffic/recording/take_packer.hpp"
#include "traffic/recording/take_record.hpp"
#include "traffic/recording/take_scan.hpp"

namespace understudy {

class TakeSegments {
 public:
  // `key` may be null. `report` outlives this.
  TakeSegments(std::string path, const TakeKey* key, RecordingReport& report);

  // Each block, before its payload. `after_damage`: bytes in front of it were told as damage already.
  void begin_block(const TakeBlock& block, bool after_damage);
  // The payload of the block begun last, unless it holds exchanges. An error when the key is missing or wrong.
  [[nodiscard]] Result<void> take_payload(const TakeBlock& block, TakeUnpacked unpacked, std::string_view payload);
  // Tells a payload that could not be unpacked as damage; an error when that is for want of the key.
  [[nodiscard]] Result<void> refuse_payload(const TakeBlock& block, TakeUnpacked unpacked);
  // What the segment's session ids are added to.
  [[nodiscard]] std::uint64_t session_base() const { return session_base_; }
  // The input has ended at `offset`. Puts ledger, origin and completeness into the report.
  void finish(std::uint64_t offset);

  [[nodiscard]] std::uint64_t segments() const { return segments_; }
  [[nodiscard]] bool all_certified() const { return uncertified_ == 0 && !open_; }

 private:
  void begin_segment(const TakeBlock& block);
  void end_segment(std::uint64_t offset);
  [[nodiscard]] Result<void> take_origin(const TakeOrigin& origin);
  void take_certificate(std::string_view payload);
  void note_losses(std::uint64_t offset);
  void damage(std::uint64_t offset, std::uint64_t length, std::string text);

  const std::string path_;
  const TakeKey* const key_;
  RecordingReport& report_;

  bool open_ = false;  // a segment has begun, and its certificate was not read
  bool has_certificate_ = false;
  std::uint64_t segment_ = 0;
  std::uint64_t next_number_ = 0;
  std::uint64_t session_base_ = 0;
  std::string flush_interval_;  // of this segment, in words; empty: unknown
  std::optional<TakeLedger> ledger_;
  std::optional<TakeStatement> statement_;

  std::uint64_t segments_ = 0;
  std::uint64_t uncertified_ = 0;
  bool any_loss_ = false;
  bool any_unknown_ = false;
  std::set<std::string> origins_;  // 16 at most
};

// The base of the session ids of a run with that instance id: 0 when it is empty.
[[nodiscard]] std::uint64_t take_session_base(std::string_view instance);

}  // namespace understudy
