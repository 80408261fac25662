#include "traffic/recording/take_reader.hpp"

#include <fmt/format.h>

#include <utility>

#include "traffic/recording/take_blocks.hpp"
#include "traffic/recording/take_index.hpp"

namespace understudy {
namespace {

// Reads a file: its headers first, then its blocks by the time of their earliest request.
class TakeFileSource final : public ExchangeSource {
 public:
  TakeFileSource(std::unique_ptr<TakeInput> input, std::size_t held_bytes_max, std::unique_ptr<TakeBlocks> blocks,
                 std::vector<TakeRun> runs)
      : input_(std::move(input)), held_bytes_max_(held_bytes_max), blocks_(std::move(blocks)), runs_(std::move(runs)) {}

  Result<ExchangePtr> next() override {
    while (true) {
      const ExchangeOrder& order = blocks_->order();
      if (!order.empty() && (order.bytes() > held_bytes_max_ || is_due(order.earliest()))) return blocks_->give();
      if (next_run_ == runs_.size()) break;
      const TakeRun& run = runs_[next_run_++];
      if (!blocks_->window().touches(WallTime(Nanoseconds(run.time_min)), WallTime(Nanoseconds(run.time_max))))
        continue;
      if (auto loaded = load(run); !loaded) return tl::unexpected(loaded.error());
    }
    if (!std::exchange(finished_, true)) blocks_->segments().finish(input_->size());
    return ExchangePtr();
  }

  const RecordingReport& report() const override { return blocks_->report(); }

 private:
  // Nothing that was not read yet can come in front of it. Equal times may: of one session, by their place in the file.
  [[nodiscard]] bool is_due(WallTime earliest) const {
    return next_run_ == runs_.size() || earliest.time_since_epoch().count() < runs_[next_run_].time_min;
  }

  Result<void> load(const TakeRun& run) {
    std::uint64_t at = run.offset;
    while (at < run.end) {
      auto block = take_block_at(*input_, at);
      if (block && !*block) block = find_take_block(*input_, at + 1, run.end - 1);
      if (!block) return tl::unexpected(block.error());
      if (!*block) break;
      at = (*block)->end();
      if ((*block)->header.kind != TakeBlockKind::exchanges) continue;
      auto stored = input_->at((*block)->payload_offset(), (*block)->header.packed);
      if (!stored) return tl::unexpected(stored.error());
      auto taken = blocks_->take_exchanges(**block, *stored, run.session_base);
      if (!taken) return taken;
    }
    blocks_->drop_parts();
    return {};
  }

  const std::unique_ptr<TakeInput> input_;
  const std::size_t held_bytes_max_;
  const std::unique_ptr<TakeBlocks> blocks_;
  const std::vector<TakeRun> runs_;
  std::size_t next_run_ = 0;
  bool finished_ = false;
};

// Reads a pipe, block after block as they come.
class TakePipeSource final : public ExchangeSource {
 public:
  TakePipeSource(std::unique_ptr<TakeInput> input, std::string path, const TakeReadOptions& options,
                 std::unique_ptr<TakeBlocks> blocks)
      : input_(std::move(input)), path_(std::move(path)), options_(options), blocks_(std::move(blocks)) {}

  Result<ExchangePtr> next() override {
    while (true) {
      const ExchangeOrder& order = blocks_->order();
      if (!order.empty() && is_due(order)) return blocks_->give();
      if (ended_) return ExchangePtr();
      // In a pause of the traffic nothing waits for its turn longer than the window is.
      auto ready = order.empty() ? Result<bool>(true) : input_->wait_for(at_, take_header_size, options_.pipe_window);
      if (!ready) return tl::unexpected(ready.error());
      is_quiet_ = !*ready && !takes_more_;
      if (is_quiet_ && !order.empty()) continue;
      if (auto read = read_block(); !read) return tl::unexpected(read.error());
    }
  }

  const RecordingReport& report() const override { return blocks_->report(); }

 private:
  [[nodiscard]] bool is_due(const ExchangeOrder& order) const {
    if (ended_ || is_quiet_ || order.bytes() > options_.held_bytes_max) return true;
    return !takes_more_ && newest_ - order.earliest() > options_.pipe_window;
  }

  Result<void> read_block() {
    if (!begun_) {
      auto begin = check_take_begin(*input_, path_);
      if (!begin) return tl::unexpected(begin.error());
      if (*begin > 0) pass_damage(*begin, "bytes that are no block");
      begun_ = true;
    }
    auto block = take_block_at(*input_, at_);
    if (block && !*block) return resume(at_ + 1);
    if (!block) return tl::unexpected(block.error());
    auto stored = input_->at((*block)->payload_offset(), (*block)->header.packed);
    if (!stored) return tl::unexpected(stored.error());
    // What was written in part only, before another run appended, shows as a wrong checksum: its bytes are searched.
    if (stored->size() < (*block)->header.packed || take_checksum(*stored) != (*block)->header.payload_crc) {
      return resume((*block)->payload_offset());
    }
    auto taken = take(**block, *stored);
    at_ = (*block)->end();
    input_->forget(at_);
    blocks_->report().bytes = at_;
    return taken;
  }

  Result<void> take(const TakeBlock& block, std::string_view stored) {
    blocks_->segments().begin_block(block, std::exchange(after_damage_, false));
    takes_more_ = block.header.has(take_flag::more) || block.header.has(take_flag::continued);
    if ((block.header.flags & ~take_flag::known) != 0) {
      blocks_->report().note_damage(
          {path_, block.offset, block.end() - block.offset, "a block in a form of a later version"});
      return {};
    }
    if (block.header.kind != TakeBlockKind::exchanges) {
      blocks_->drop_parts();
      const TakeUnpacked unpacked = blocks_->unpacker().unpack(block.header, stored);
      return blocks_->segments().take_payload(block, unpacked, blocks_->unpacker().payload());
    }
    const WallTime first = take_wall_time(block.header.time_min);
    const WallTime last = take_wall_time(block.header.time_max);
    if (!std::exchange(has_time_, true)) {
      blocks_->set_begin(first);
      newest_ = last;
    }
    newest_ = std::max(newest_, last);
    if (!blocks_->window().touches(first, last)) return {};
    return blocks_->take_exchanges(block, stored, blocks_->segments().session_base());
  }

  // There is no whole block at at_: goes on with the next one from `from` on, or ends.
  Result<void> resume(std::uint64_t from) {
    takes_more_ = false;
    auto rest = input_->at(at_, 1);
    if (!rest) return tl::unexpected(rest.error());
    if (rest->empty()) return end(at_);
    auto found = find_take_block(*input_, from);
    if (!found) return tl::unexpected(found.error());
    if (*found) {
      pass_damage((*found)->offset, "bytes that are no whole block");
      return {};
    }
    blocks_->report().note_damage({path_, at_, 0, "the input ends with bytes that are no whole block"});
    return end(at_);
  }

  Result<void> end(std::uint64_t offset) {
    blocks_->drop_parts();
    blocks_->report().bytes = offset;
    blocks_->segments().finish(offset);
    ended_ = true;
    return {};
  }

  void pass_damage(std::uint64_t next, std::string_view text) {
    blocks_->drop_parts();
    blocks_->report().note_damage({path_, at_, next - at_, std::string(text)});
    after_damage_ = true;
    at_ = next;
  }

  const std::unique_ptr<TakeInput> input_;
  const std::string path_;
  const TakeReadOptions options_;
  const std::unique_ptr<TakeBlocks> blocks_;
  std::uint64_t at_ = 0;
  WallTime newest_{};
  bool begun_ = false;
  bool has_time_ = false;
  bool after_damage_ = false;
  bool takes_more_ = false;  // the next block belongs to the one read last
  bool is_quiet_ = false;
  bool ended_ = false;
};

Result<std::optional<TakeKey>> load_key(const std::string& path) {
  if (path.empty()) return std::optional<TakeKey>();
  auto key = TakeKey::load(path, ExitCode::recording_unreadable);
  if (!key) return tl::unexpected(key.error());
  return std::optional<TakeKey>(*key);
}

std::unique_ptr<ExchangeSource> make_pipe_source(std::unique_ptr<TakeInput> input, const std::string& path,
                                                 const TakeReadOptions& options, const std::optional<TakeKey>& key) {
  return std::make_unique<TakePipeSource>(std::move(input), path, options,
                                          std::make_unique<TakeBlocks>(path, options, key));
}

}  // namespace

bool is_take(std::string_view first_bytes) { return first_bytes.starts_with(take_marker); }

Result<std::unique_ptr<ExchangeSource>> open_take(const std::string& path, TakeReadOptions options) {
  auto key = load_key(options.key_file);
  if (!key) return tl::unexpected(key.error());
  auto input = TakeInput::open(path);
  if (!input) return tl::unexpected(input.error());
  if (!(*input)->seekable()) return make_pipe_source(std::move(*input), path, options, *key);

  if (auto begin = check_take_begin(**input, path); !begin) return tl::unexpected(begin.error());
  auto blocks = std::make_unique<TakeBlocks>(path, options, *key);
  blocks->report().bytes = (*input)->size();
  TakeIndex index(**input, path, blocks->unpacker(), blocks->segments(), blocks->report());
  auto indexed = index.build();
  if (!indexed) return tl::unexpected(indexed.error());
  if (!*indexed) return make_pipe_source(std::move(*input), path, options, *key);
  if (index.first()) blocks->set_begin(*index.first());
  return std::unique_ptr<ExchangeSource>(
      std::make_unique<TakeFileSource>(std::move(*input), options.held_bytes_max, std::move(blocks), index.runs()));
}

}  // namespace understudy
