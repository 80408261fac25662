// The quick look of take_reader.hpp: a file's block headers, and nothing else.
#include <fmt/format.h>

#include <algorithm>

#include "traffic/recording/take_packer.hpp"
#include "traffic/recording/take_reader.hpp"
#include "traffic/recording/take_record.hpp"
#include "traffic/recording/take_scan.hpp"

namespace understudy {
namespace {

class OverviewHandler final : public TakeScanHandler {
 public:
  TakeOverview overview;

  Result<void> on_block(const TakeBlock& block, bool) override {
    const TakeHeader& header = block.header;
    if (overview.segments == 0 || header.segment != segment_) {
      if (overview.segments > 0 && !has_end_) all_certified_ = false;
      ++overview.segments;
      segment_ = header.segment;
      has_end_ = false;
    }
    if (header.kind == TakeBlockKind::end) has_end_ = true;
    if (header.has(take_flag::encrypted)) overview.encrypted = true;
    if (header.kind != TakeBlockKind::exchanges) return {};
    const WallTime first = take_wall_time(header.time_min);
    const WallTime last = take_wall_time(header.time_max);
    overview.first = std::min(first, overview.first.value_or(first));
    overview.last = std::max(last, overview.last.value_or(last));
    ++overview.blocks;
    overview.exchanges += header.records;
    overview.unpacked_bytes += header.unpacked;
    return {};
  }
  void on_block_cut(const TakeBlock& block) override {
    if (block.header.kind != TakeBlockKind::exchanges) return;
    --overview.blocks;
    overview.exchanges -= block.header.records;
    overview.unpacked_bytes -= block.header.unpacked;
  }
  void on_damage(RecordingDamage) override { ++overview.damages; }

  [[nodiscard]] bool is_certified() const { return overview.segments > 0 && has_end_ && all_certified_; }

 private:
  std::uint64_t segment_ = 0;
  bool has_end_ = false;  // of the segment that is being looked at
  bool all_certified_ = true;
};

}  // namespace

Result<TakeOverview> overview_of_take(const std::string& path) {
  auto input = TakeInput::open(path);
  if (!input) return tl::unexpected(input.error());
  if (!(*input)->seekable()) {
    return fail(ExitCode::recording_unreadable,
                fmt::format("'{}' is no file, and a pipe's blocks cannot be looked at first", path));
  }
  if (auto begin = check_take_begin(**input, path); !begin) return tl::unexpected(begin.error());
  OverviewHandler handler;
  handler.overview.bytes = (*input)->size();
  if (auto scanned = scan_take(**input, path, handler); !scanned) return tl::unexpected(scanned.error());
  handler.overview.certified = handler.is_certified();
  return handler.overview;
}

std::optional<std::string> origin_of_take(const std::string& path, std::string_view name) {
  auto input = TakeInput::open(path);
  if (!input || !(*input)->seekable()) return std::nullopt;
  const auto block = take_block_at(**input, 0);
  if (!block || !*block || (*block)->header.kind != TakeBlockKind::segment) return std::nullopt;
  const auto stored = (*input)->at((*block)->payload_offset(), (*block)->header.packed);
  if (!stored) return std::nullopt;
  TakeUnpacker unpacker(nullptr);
  if (unpacker.unpack((*block)->header, *stored) != TakeUnpacked::good) return std::nullopt;
  TakeCursor cursor(unpacker.payload());
  while (const auto record = next_take_record(cursor)) {
    if (record->kind != TakeRecordKind::origin) continue;
    const auto origin = read_take_origin(record->content);
    if (!origin) return std::nullopt;
    if (const std::string_view text = text_of(*origin, name); !text.empty()) return std::string(text);
  }
  return std::nullopt;
}

}  // namespace understudy
