#include "traffic/pipeline/queued_records.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace understudy {

bool RecordBatch::add(OfferedExchange& exchange) {
  const TakeExchange& view = view_.of(exchange, rules_.rules().recording_redactor());
  const auto bound = static_cast<std::size_t>(take_record_bound(view));
  if (bound > record_size_max) return false;
  if (records_.capacity - records_.size < bound) make_room(bound);
  char* const end = store_take_exchange(records_.bytes.get() + records_.size, view);
  records_.size = static_cast<std::size_t>(end - records_.bytes.get());
  const WallTime time = view.request.first_byte;
  records_.earliest = empty() ? time : std::min(records_.earliest, time);
  records_.latest = empty() ? time : std::max(records_.latest, time);
  ++records_.count;
  return true;
}

QueuedRecords RecordBatch::take() {
  last_size_ = records_.size;
  return std::exchange(records_, {});
}

// A new block holds what the last batch did and half as much; one that turned out too small doubles.
void RecordBatch::make_room(std::size_t size) {
  const std::size_t wanted = empty() ? last_size_ + last_size_ / 2 : records_.capacity * 2;
  const std::size_t capacity = std::max(records_.size + size, std::min(wanted, batch_size + record_size_max));
  auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
  if (records_.size > 0) std::memcpy(bytes.get(), records_.bytes.get(), records_.size);
  records_.bytes = std::move(bytes);
  records_.capacity = capacity;
}

}  // namespace understudy
