#include "traffic/recording/take_scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace understudy {
namespace {

constexpr std::size_t window = std::size_t{64} << 10U;
constexpr std::uint64_t begin_searched = std::uint64_t{1} << 20U;

bool is_plausible(const TakeHeader& header) {
  constexpr std::uint32_t overhead = take_counter_size + take_tag_size;
  return header.unpacked <= take_payload_max && header.packed <= take_payload_max + overhead;
}

tl::unexpected<Error> unreadable(std::string text) { return fail(ExitCode::recording_unreadable, std::move(text)); }

}  // namespace

Result<std::optional<TakeBlock>> take_block_at(TakeInput& input, std::uint64_t offset) {
  auto bytes = input.at(offset, take_header_size);
  if (!bytes) return tl::unexpected(bytes.error());
  if (bytes->size() < take_header_size) return std::nullopt;
  const auto header = decode_take_header(*bytes);
  if (!header || header->version != take_version || !is_plausible(*header)) return std::nullopt;
  return TakeBlock{offset, *header};
}

Result<std::optional<TakeBlock>> find_take_block(TakeInput& input, std::uint64_t from, std::uint64_t until) {
  // Mostly it is exactly there, and a pipe need not be waited for.
  if (auto block = take_block_at(input, from); !block || *block) return block;
  std::uint64_t at = from;
  while (at <= until) {
    auto bytes = input.at(at, window);
    if (!bytes) return tl::unexpected(bytes.error());
    const std::size_t found = bytes->find(take_marker);
    if (found == std::string_view::npos) {
      if (bytes->size() < window) return std::nullopt;
      at += window - (take_marker.size() - 1);
    } else {
      at += found;
      if (at > until) return std::nullopt;
      auto block = take_block_at(input, at);
      if (!block || *block) return block;
      at += 1;
    }
    input.forget(at);
  }
  return std::nullopt;
}

Result<std::uint64_t> check_take_begin(TakeInput& input, const std::string& path) {
  auto begin = input.at(0, take_header_size);
  if (!begin) return tl::unexpected(begin.error());
  if (begin->empty()) return unreadable(fmt::format("the recording '{}' is empty", path));
  if (begin->starts_with(take_marker) && begin->size() > take_marker.size()) {
    const auto version = static_cast<std::uint8_t>((*begin)[take_marker.size()]);
    if (version != take_version) {
      return unreadable(
          fmt::format("the recording '{}' has version {} of the .take format, and this program reads version {}. Use a "
                      "later understudy-replay",
                      path, version, take_version));
    }
  }
  auto block = find_take_block(input, 0, begin_searched);
  if (!block) return tl::unexpected(block.error());
  if (!*block) {
    return unreadable(fmt::format("'{}' is no .take recording, or its first {} bytes are damaged", path,
                                  input.seekable() ? std::min(input.size(), begin_searched) : begin_searched));
  }
  return (*block)->offset;
}

namespace {

// The state of scan_take(): goes from block to block.
class Scan {
 public:
  Scan(TakeInput& input, const std::string& path, TakeScanHandler& handler)
      : input_(input), path_(path), handler_(handler) {}

  Result<void> run() {
    while (at_ < input_.size()) {
      auto block = take_block_at(input_, at_);
      if (!block) return tl::unexpected(block.error());
      const bool is_whole = *block && (*block)->end() <= input_.size();
      auto gone = is_whole ? take(**block) : pass_damage(block->has_value());
      if (!gone) return gone;
    }
    return {};
  }

 private:
  Result<void> take(const TakeBlock& block) {
    auto taken = handler_.on_block(block, after_damage_);
    after_damage_ = false;
    previous_ = block;
    at_ = block.end();
    return taken;
  }

  // There is no whole block at at_. The next one may begin inside the one before, whose writer was killed while it
  // wrote, when another run has appended.
  Result<void> pass_damage(bool has_header) {
    const std::uint64_t from = has_header ? at_ + 1 : previous_ ? previous_->payload_offset() : at_;
    auto found = find_take_block(input_, from);
    if (!found) return tl::unexpected(found.error());
    const std::uint64_t next = *found ? (*found)->offset : input_.size();
    std::uint64_t begin = at_;
    if (next < at_) {
      handler_.on_block_cut(*previous_);
      begin = previous_->offset;
    }
    const bool is_cut = has_header || next < at_;
    handler_.on_damage({path_, begin, next - begin,
                        is_cut ? fmt::format("a block of which only {} bytes were written", next - begin)
                               : fmt::format("{} bytes that are no whole block", next - begin)});
    after_damage_ = true;
    previous_.reset();
    at_ = next;
    return {};
  }

  TakeInput& input_;
  const std::string& path_;
  TakeScanHandler& handler_;
  std::uint64_t at_ = 0;
  std::optional<TakeBlock> previous_;
  bool after_damage_ = false;
};

}  // namespace

Result<void> scan_take(TakeInput& input, const std::string& path, TakeScanHandler& handler) {
  return Scan(input, path, handler).run();
}

}  // namespace understudy
