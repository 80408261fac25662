#include "traffic/recording/take_index.hpp"

#include <algorithm>
#include <utility>

namespace understudy {

TakeIndex::TakeIndex(TakeInput& input, std::string path, TakeUnpacker& unpacker, TakeSegments& segments,
                     RecordingReport& report)
    : input_(input), path_(std::move(path)), unpacker_(unpacker), segments_(segments), report_(report) {}

Result<bool> TakeIndex::build() {
  auto scanned = scan_take(input_, path_, *this);
  if (!scanned) return tl::unexpected(scanned.error());
  drop_open_part();
  std::stable_sort(runs_.begin(), runs_.end(),
                   [](const TakeRun& a, const TakeRun& b) { return a.time_min < b.time_min; });
  return !too_many_;
}

Result<void> TakeIndex::on_block(const TakeBlock& block, bool after_damage) {
  segments_.begin_block(block, after_damage);
  if ((block.header.flags & ~take_flag::known) != 0) {
    drop_open_part();
    on_damage({path_, block.offset, block.end() - block.offset, "a block in a form of a later version"});
    return {};
  }
  if (block.header.kind == TakeBlockKind::exchanges) {
    add_exchanges(block);
    return {};
  }
  drop_open_part();
  auto stored = input_.at(block.payload_offset(), block.header.packed);
  if (!stored) return tl::unexpected(stored.error());
  const TakeUnpacked unpacked = unpacker_.unpack(block.header, *stored);
  return segments_.take_payload(block, unpacked, unpacker_.payload());
}

void TakeIndex::add_exchanges(const TakeBlock& block) {
  const TakeHeader& header = block.header;
  if (header.records > 0) drop_open_part();
  const bool is_part = part_open_;
  part_open_ = header.has(take_flag::continued) && (is_part || header.records > 0);
  if (is_part) {
    runs_.back().end = block.end();
    return;
  }
  if (header.records == 0) {
    on_damage({path_, block.offset, block.end() - block.offset, "a part of a large exchange without its beginning"});
    return;
  }
  const WallTime first = take_wall_time(header.time_min);
  first_ = std::min(first, first_.value_or(first));
  if (too_many_) {
    part_open_ = false;
    return;
  }
  runs_.push_back({block.offset, block.end(), header.time_min, header.time_max, segments_.session_base()});
  if (runs_.size() == entries_max && !part_open_) put_neighbours_together();
  if (runs_.size() > entries_max) {
    too_many_ = true;
    part_open_ = false;
    runs_.clear();
  }
}

void TakeIndex::put_neighbours_together() {
  std::vector<TakeRun> merged;
  merged.reserve(entries_max);
  for (std::size_t i = 0; i < runs_.size(); i += 2) {
    merged.push_back(runs_[i]);
    if (i + 1 == runs_.size()) break;
    const TakeRun& next = runs_[i + 1];
    TakeRun& run = merged.back();
    if (next.session_base != run.session_base) {
      merged.push_back(next);
      continue;
    }
    run.end = next.end;
    run.time_min = std::min(run.time_min, next.time_min);
    run.time_max = std::max(run.time_max, next.time_max);
  }
  runs_ = std::move(merged);
}

// The exchange in progress has no further part.
void TakeIndex::drop_open_part() {
  if (!std::exchange(part_open_, false) || runs_.empty()) return;
  const TakeRun run = runs_.back();
  runs_.pop_back();
  on_damage({path_, run.offset, run.end - run.offset, "a large exchange of which the last parts are missing"});
}

void TakeIndex::on_block_cut(const TakeBlock& block) {
  if (block.header.kind != TakeBlockKind::exchanges || runs_.empty() || runs_.back().end != block.end()) return;
  part_open_ = false;
  runs_.pop_back();
}

void TakeIndex::on_damage(RecordingDamage damage) {
  drop_open_part();
  report_.note_damage(std::move(damage));
}

}  // namespace understudy
