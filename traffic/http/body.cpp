#include "traffic/http/body.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "traffic/base/check.hpp"

namespace understudy {
namespace {

constexpr std::size_t first_block_max = std::size_t{64} << 10;
constexpr std::size_t block_max = std::size_t{1} << 20;
constexpr std::size_t block_min = std::size_t{4} << 10;  // where the body's length is unknown

}  // namespace

Body Body::of(std::string_view content) {
  Body body;
  body.append(content, true);
  return body;
}

void Body::append(std::string_view bytes, bool is_content, std::uint64_t expected) {
  CHECK(kept_);
  if (bytes.empty()) return;
  if (wire_size_ == 0) begin_storage(bytes.size(), expected);
  if (!is_content && !storage_->has_framing) {
    for (std::size_t i = 0; i < storage_->blocks.size(); ++i) {
      if (storage_->blocks[i].used == 0) continue;  // left by reuse()
      storage_->content.push_back({static_cast<std::uint32_t>(i), 0, storage_->blocks[i].used});
    }
    storage_->has_framing = true;
  }
  wire_size_ += bytes.size();
  if (is_content) content_size_ += bytes.size();
  while (!bytes.empty()) {
    Block& block = writable_block(bytes.size(), expected);
    const std::size_t length = std::min<std::size_t>(bytes.size(), block.capacity - block.used);
    std::memcpy(block.data.get() + block.used, bytes.data(), length);
    note_range(is_content, block.used, static_cast<std::uint32_t>(length));
    block.used += static_cast<std::uint32_t>(length);
    bytes.remove_prefix(length);
  }
}

// New storage, unless there is some left by reuse() that has room.
void Body::begin_storage(std::size_t size, std::uint64_t expected) {
  const std::uint64_t known = size + std::min<std::uint64_t>(expected, block_max);
  if (storage_ == nullptr || storage_->block_memory < known) storage_ = std::make_shared<Storage>();
}

Body::Block& Body::writable_block(std::size_t size, std::uint64_t expected) {
  auto& blocks = storage_->blocks;
  if (!blocks.empty() && blocks.back().used < blocks.back().capacity) return blocks.back();
  // What is at hand always fits up to the maximum; beyond it a block is at most as large as what has arrived so far.
  const std::size_t limit = std::clamp<std::size_t>(wire_size_, first_block_max, block_max);
  const std::uint64_t known = size + std::min<std::uint64_t>(expected, block_max);
  const std::uint64_t wanted = storage_->has_framing ? std::max<std::uint64_t>(known, block_min) : known;
  const auto capacity = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, limit));
  blocks.push_back({std::make_unique_for_overwrite<char[]>(capacity), 0, static_cast<std::uint32_t>(capacity)});
  storage_->block_memory += capacity;
  return blocks.back();
}

void Body::note_range(bool is_content, std::uint32_t offset, std::uint32_t length) {
  if (!is_content || !storage_->has_framing) return;
  const auto block = static_cast<std::uint32_t>(storage_->blocks.size() - 1);
  if (!storage_->content.empty()) {
    ContentRange& last = storage_->content.back();
    if (last.block == block && last.offset + last.length == offset) {
      last.length += length;
      return;
    }
  }
  storage_->content.push_back({block, offset, length});
}

void Body::count(std::uint64_t bytes, bool is_content) {
  CHECK(wire_size_ == 0 || !kept_);
  storage_.reset();
  kept_ = false;
  wire_size_ += bytes;
  if (is_content) content_size_ += bytes;
}

void Body::forget_bytes() {
  storage_.reset();
  kept_ = false;
}

void Body::clear() {
  storage_.reset();
  wire_size_ = 0;
  content_size_ = 0;
  kept_ = true;
}

void Body::reuse() {
  const bool is_own = storage_ != nullptr && storage_.use_count() == 1 && storage_->blocks.size() == 1;
  if (!is_own || storage_->has_framing) return clear();
  storage_->blocks.front().used = 0;
  wire_size_ = 0;
  content_size_ = 0;
  kept_ = true;
}

Body Body::share() const {
  Body other;
  other.storage_ = storage_;
  other.wire_size_ = wire_size_;
  other.content_size_ = content_size_;
  other.kept_ = kept_;
  return other;
}

std::size_t Body::memory() const {
  if (storage_ == nullptr) return 0;
  const std::size_t listed = storage_->blocks.capacity();
  return sizeof(Storage) + storage_->block_memory + (listed > 1 ? listed * sizeof(Block) : 0) +
         storage_->content.capacity() * sizeof(ContentRange);
}

std::vector<std::string_view> Body::wire_slices() const {
  std::vector<std::string_view> slices;
  append_wire_slices(slices);
  return slices;
}

void Body::append_wire_slices(std::vector<std::string_view>& slices) const {
  if (storage_ == nullptr) return;
  for (const Block& block : storage_->blocks) slices.emplace_back(block.data.get(), block.used);
}

std::vector<std::string_view> Body::content_slices() const {
  if (storage_ == nullptr || !storage_->has_framing) return wire_slices();
  std::vector<std::string_view> slices;
  slices.reserve(storage_->content.size());
  for (const ContentRange& range : storage_->content)
    slices.emplace_back(storage_->blocks[range.block].data.get() + range.offset, range.length);
  return slices;
}

std::string Body::content() const {
  std::string content;
  if (storage_ == nullptr) return content;
  content.reserve(static_cast<std::size_t>(content_size_));
  for (const std::string_view slice : content_slices()) content += slice;
  return content;
}

}  // namespace understudy
