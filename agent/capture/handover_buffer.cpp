#include "agent/capture/handover_buffer.hpp"

#include <cstring>

namespace understudy {
namespace {

// In front of each packet's bytes. Copied in and out, since packets begin anywhere.
struct Record {
  std::size_t size = 0;
  std::uint32_t wire_length = 0;
  LinkType link_type = 0;
  WallTime time;
};

}  // namespace

bool HandoverBuffer::push(const PacketView& packet, bool& was_empty) {
  const Record record{packet.data.size(), packet.wire_length, packet.link_type, packet.time};
  const std::lock_guard lock(mutex_);
  const std::size_t begin = filling_.size();
  if (bytes_max_ - begin < sizeof record || bytes_max_ - begin - sizeof record < record.size) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  filling_.resize(begin + sizeof record + record.size);
  std::memcpy(filling_.data() + begin, &record, sizeof record);
  if (record.size > 0) std::memcpy(filling_.data() + begin + sizeof record, packet.data.data(), record.size);
  was_empty = begin == 0;
  return true;
}

std::size_t HandoverBuffer::drain(PacketHandler& handler) {
  draining_.clear();
  {
    const std::lock_guard lock(mutex_);
    filling_.swap(draining_);
  }
  std::size_t count = 0;
  for (std::size_t at = 0; at < draining_.size(); ++count) {
    Record record;
    std::memcpy(&record, draining_.data() + at, sizeof record);
    at += sizeof record;
    handler.on_packet(
        {ByteView(draining_).subspan(at, record.size), record.wire_length, record.link_type, record.time});
    at += record.size;
  }
  return count;
}

}  // namespace understudy
