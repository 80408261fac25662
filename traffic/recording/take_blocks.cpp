#include "traffic/recording/take_blocks.hpp"

#include <algorithm>
#include <utility>

namespace understudy {
namespace {

// An exchange, its record's length and kind.
constexpr std::size_t parts_max = std::size_t{take_exchange_max} + 8;
constexpr std::size_t parts_reserved_max = std::size_t{64} << 20U;
constexpr std::size_t parts_kept_max = std::size_t{1} << 20U;

std::optional<WallTime> moment_of(const std::optional<RecordingTime>& time, WallTime begin) {
  if (!time) return std::nullopt;
  if (time->wall) return time->wall;
  return begin + std::clamp(time->offset, Nanoseconds(-take_time_max), Nanoseconds(take_time_max));
}

}  // namespace

TakeBlocks::TakeBlocks(const std::string& path, const TakeReadOptions& options, std::optional<TakeKey> key)
    : path_(path),
      options_(options),
      key_(std::move(key)),
      unpacker_(key_ ? &*key_ : nullptr),
      segments_(path, key_ ? &*key_ : nullptr, counter_.report),
      decoder_(path, counter_.report) {
  counter_.report.format = "take";
  counter_.report.files = 1;
}

void TakeBlocks::set_begin(WallTime first_request) {
  window_ = {moment_of(options_.from, first_request), moment_of(options_.to, first_request)};
}

Result<void> TakeBlocks::take_exchanges(const TakeBlock& block, std::string_view stored, std::uint64_t session_base) {
  const TakeHeader& header = block.header;
  const bool is_first = header.records > 0;
  if (is_first) {
    drop_parts();
    skip_parts_ = false;
  } else if (parts_.empty()) {
    if (!std::exchange(skip_parts_, true)) {
      report().note_damage(
          {path_, block.offset, block.end() - block.offset, "a part of a large exchange without its beginning"});
    }
    return {};
  }
  const TakeUnpacked unpacked = unpacker_.unpack(header, stored);
  if (unpacked != TakeUnpacked::good) {
    parts_.clear();
    skip_parts_ = true;
    return segments_.refuse_payload(block, unpacked);
  }
  const bool is_last = !header.has(take_flag::continued);
  if (is_first && is_last) {
    decoder_.decode(unpacker_.payload(), block.offset, session_base, window_, order_);
    return {};
  }
  join(block);
  if (!is_last || parts_.empty()) return {};
  decoder_.decode(parts_, parts_offset_, session_base, window_, order_);
  parts_.clear();
  if (parts_.capacity() > parts_kept_max) parts_.shrink_to_fit();
  return {};
}

// Adds the part that was just unpacked.
void TakeBlocks::join(const TakeBlock& block) {
  const std::string_view payload = unpacker_.payload();
  if (parts_.empty()) {
    parts_offset_ = block.offset;
    // The record's own length, so that a large body is not moved while it grows; within reason, for it may be a lie.
    TakeCursor cursor(payload);
    parts_.reserve(std::min<std::size_t>(std::size_t{cursor.fixed<std::uint32_t>()} + 8, parts_reserved_max));
  }
  if (parts_.size() + payload.size() > parts_max) {
    report().note_damage({path_, parts_offset_, block.end() - parts_offset_, "an exchange larger than any may be"});
    parts_.clear();
    skip_parts_ = true;
    return;
  }
  parts_.append(payload);
}

void TakeBlocks::drop_parts() {
  if (parts_.empty()) return;
  parts_.clear();
  report().note_damage({path_, parts_offset_, 0, "a large exchange of which the last parts are missing"});
}

ExchangePtr TakeBlocks::give() {
  ExchangePtr exchange = order_.take();
  counter_.count(*exchange);
  const WallTime time = exchange->request->first_byte;
  if (last_given_ && time < *last_given_) ++report().out_of_order;
  last_given_ = std::max(time, last_given_.value_or(time));
  return exchange;
}

}  // namespace understudy
