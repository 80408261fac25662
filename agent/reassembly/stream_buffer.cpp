#include "agent/reassembly/stream_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace understudy {

StreamBuffer::Chunks::const_iterator StreamBuffer::first_after(std::uint64_t position) const {
  auto at = chunks_.upper_bound(position);
  if (at != chunks_.begin() && std::prev(at)->second.end > position) {
    --at;
  }
  return at;
}

StreamBuffer::Overlap StreamBuffer::compare(std::uint64_t begin, ByteView data) const {
  Overlap result;
  if (data.empty()) return result;  // it may be null, which memcmp does not take even for no bytes
  const std::uint64_t end = begin + data.size();
  for (auto at = first_after(begin); at != chunks_.end() && at->first < end; ++at) {
    if (at->second.bytes == nullptr) {
      continue;
    }
    const std::uint64_t from = std::max(begin, at->first);
    const std::uint64_t length = std::min(end, at->second.end) - from;
    result.bytes += length;
    result.differs |=
        std::memcmp(data.data() + (from - begin), at->second.bytes.get() + (from - at->first), length) != 0;
  }
  return result;
}

std::uint64_t StreamBuffer::insert(std::uint64_t begin, ByteView data) {
  carve_truncated(begin, begin + data.size());
  return fill_holes(begin, begin + data.size(), data.data());
}

void StreamBuffer::insert_truncated(std::uint64_t begin, std::uint64_t end) { fill_holes(begin, end, nullptr); }

std::uint64_t StreamBuffer::fill_holes(std::uint64_t begin, std::uint64_t end, const std::uint8_t* data) {
  std::uint64_t added = 0;
  std::uint64_t position = begin;
  for (auto at = first_after(begin); position < end; ++at) {
    const std::uint64_t hole_end = at == chunks_.end() ? end : std::min(end, at->first);
    if (position < hole_end) {
      add(at, position, hole_end, data == nullptr ? nullptr : data + (position - begin));
      added += hole_end - position;
    }
    if (at == chunks_.end()) {
      break;
    }
    position = std::max(position, at->second.end);
  }
  return added;
}

void StreamBuffer::add(Chunks::const_iterator before, std::uint64_t begin, std::uint64_t end,
                       const std::uint8_t* data) {
  Chunk chunk{.end = end, .bytes = nullptr};
  charge_ += chunk_overhead_bytes;
  if (data != nullptr) {
    const auto length = static_cast<std::size_t>(end - begin);
    chunk.bytes = std::make_unique_for_overwrite<std::uint8_t[]>(length);
    std::memcpy(chunk.bytes.get(), data, length);
    charge_ += length;
  }
  chunks_.emplace_hint(before, begin, std::move(chunk));
}

StreamBuffer::Chunks::const_iterator StreamBuffer::remove(Chunks::const_iterator chunk) {
  charge_ -= chunk_overhead_bytes;
  if (chunk->second.bytes != nullptr) {
    charge_ -= static_cast<std::size_t>(chunk->second.end - chunk->first);
  }
  return chunks_.erase(chunk);
}

void StreamBuffer::carve_truncated(std::uint64_t begin, std::uint64_t end) {
  for (auto at = first_after(begin); at != chunks_.end() && at->first < end;) {
    if (at->second.bytes != nullptr) {
      ++at;
      continue;
    }
    const std::uint64_t chunk_begin = at->first;
    const std::uint64_t chunk_end = at->second.end;
    at = remove(at);
    if (chunk_begin < begin) {
      add(at, chunk_begin, begin, nullptr);
    }
    if (chunk_end > end) {
      add(at, end, chunk_end, nullptr);
    }
  }
}

StreamBuffer::Front StreamBuffer::front() const {
  const auto& [begin, chunk] = *chunks_.begin();
  Front result{.begin = begin, .end = chunk.end, .bytes = {}};
  if (chunk.bytes != nullptr) {
    result.bytes = {chunk.bytes.get(), static_cast<std::size_t>(chunk.end - begin)};
  }
  return result;
}

void StreamBuffer::pop_front() { remove(chunks_.begin()); }

void StreamBuffer::trim_truncated_front(std::uint64_t position) {
  const std::uint64_t end = chunks_.begin()->second.end;
  const auto next = remove(chunks_.begin());
  if (position < end) {
    add(next, position, end, nullptr);
  }
}

}  // namespace understudy
