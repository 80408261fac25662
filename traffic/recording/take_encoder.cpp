#include "traffic/recording/take_encoder.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include "traffic/base/check.hpp"

namespace understudy {
namespace {

std::uint64_t random_segment() {
  std::random_device random;
  return (std::uint64_t{random()} << 32U) | random();
}

TakeMessage without_body(TakeMessage message) {
  message.body_kept = message.wire_size == 0;
  message.body = {};
  return message;
}

}  // namespace

TakeEncoder::TakeEncoder(TakeEncoderOptions options)
    : options_(std::move(options)),
      packer_(options_.compression_level, options_.key ? &*options_.key : nullptr),
      segment_(random_segment()) {}

bool TakeEncoder::add(const TakeExchange& exchange, ByteSink& sink) {
  const std::uint64_t bound = take_record_bound(exchange);
  if (bound > take_exchange_max) {
    TakeExchange smaller = exchange;
    smaller.request = without_body(exchange.request);
    if (exchange.response) smaller.response = without_body(*exchange.response);
    CHECK(take_record_bound(smaller) <= take_exchange_max);  // a head's offsets have 31 bits
    return add(smaller, sink);
  }
  const std::int64_t time = nanoseconds_of(exchange.request.first_byte);
  if (bound > options_.block_bytes) {
    newest_ = std::max(time, newest_.value_or(time));
    return add_in_parts(exchange, sink);
  }
  std::string& payload = open_for(time).payload;
  const std::size_t begin = payload.size();
  payload.resize(begin + static_cast<std::size_t>(bound));
  const char* const end = store_take_exchange(payload.data() + begin, exchange);
  payload.resize(static_cast<std::size_t>(end - payload.data()));
  return flush_if_full(sink);
}

bool TakeEncoder::add_records(const TakeRecordRun& records, ByteSink& sink) {
  const std::int64_t earliest = nanoseconds_of(records.earliest);
  const std::int64_t latest = nanoseconds_of(records.latest);
  newest_ = std::max(latest, newest_.value_or(latest));
  if (!is_late(earliest)) {
    on_time_.note(earliest, latest, records.count);
    on_time_.payload.append(records.bytes);
    return flush_if_full(sink);
  }
  // Slow exchanges among quick ones: each by itself.
  TakeCursor cursor(records.bytes);
  const char* begin = records.bytes.data();
  while (const auto record = next_take_record(cursor)) {
    const char* const end = record->content.data() + record->content.size();
    CHECK(slow_.read(record->content));  // our own bytes
    open_for(nanoseconds_of(slow_.exchange().request.first_byte)).payload.append(begin, end);
    begin = end;
  }
  return flush_if_full(sink);
}

bool TakeEncoder::is_late(std::int64_t time) const {
  return static_cast<std::uint64_t>(*newest_) - static_cast<std::uint64_t>(time) >
         static_cast<std::uint64_t>(options_.late_after.count());
}

TakeEncoder::Open& TakeEncoder::open_for(std::int64_t time) {
  newest_ = std::max(time, newest_.value_or(time));
  Open& open = is_late(time) ? late_ : on_time_;
  open.note(time, time, 1);
  return open;
}

bool TakeEncoder::flush_if_full(ByteSink& sink) {
  return on_time_.payload.size() + late_.payload.size() < options_.block_bytes || flush(sink);
}

bool TakeEncoder::add_in_parts(const TakeExchange& exchange, ByteSink& sink) {
  if (!flush(sink) || !begin(sink)) return false;
  pieces_.cut(exchange);
  std::uint64_t left = pieces_.size();
  Open part;
  const std::int64_t time = nanoseconds_of(exchange.request.first_byte);
  part.note(time, time, 1);
  for (std::string_view piece : pieces_.pieces()) {
    while (!piece.empty()) {
      const std::size_t size = std::min(piece.size(), options_.block_bytes - part.payload.size());
      part.payload.append(piece.substr(0, size));
      piece.remove_prefix(size);
      left -= size;
      if (left > 0 && part.payload.size() < options_.block_bytes) continue;
      const std::uint16_t flags = left > 0 ? take_flag::continued : std::uint16_t{0};
      if (!write_block(TakeBlockKind::exchanges, flags, part, sink)) return false;
      part.payload.clear();
      part.records = 0;  // the first part has counted it
    }
  }
  return true;
}

void TakeEncoder::Open::note(std::int64_t earliest, std::int64_t latest, std::uint32_t count) {
  time_min = records == 0 ? earliest : std::min(time_min, earliest);
  time_max = records == 0 ? latest : std::max(time_max, latest);
  records += count;
}

void TakeEncoder::Open::clear() {
  payload.clear();
  records = 0;
}

bool TakeEncoder::flush(ByteSink& sink) {
  // The late ones first: their sessions' later requests may be in the other block.
  return close(late_, on_time_.records > 0, sink) && close(on_time_, false, sink);
}

bool TakeEncoder::close(Open& open, bool more, ByteSink& sink) {
  if (open.records == 0) return true;
  if (!begin(sink)) return false;
  if (!write_block(TakeBlockKind::exchanges, more ? take_flag::more : std::uint16_t{0}, open, sink)) return false;
  open.clear();
  return true;
}

bool TakeEncoder::begin(ByteSink& sink) {
  if (blocks_ > 0) return true;
  TakeOrigin origin = options_.origin;
  if (options_.key) origin.emplace_back("key_check", options_.key->check_value(segment_));
  Open open;
  append_take_origin(open.payload, origin);
  open.records = 1;
  return write_block(TakeBlockKind::segment, 0, open, sink);
}

bool TakeEncoder::write_ledger(const TakeLedger& ledger, ByteSink& sink) {
  if (!flush(sink) || !begin(sink)) return false;
  Open open;
  append_take_ledger(open.payload, ledger);
  open.records = 1;
  return write_block(TakeBlockKind::ledger, 0, open, sink);
}

bool TakeEncoder::finish(const TakeLedger* ledger, const TakeStatement* statement, ByteSink& sink) {
  if (!flush(sink) || !begin(sink)) return false;
  Open open;
  if (ledger != nullptr) append_take_ledger(open.payload, *ledger);
  if (statement != nullptr) append_take_statement(open.payload, *statement);
  open.records = (ledger != nullptr ? 1U : 0U) + (statement != nullptr ? 1U : 0U);
  return write_block(TakeBlockKind::end, 0, open, sink);
}

void TakeEncoder::restart() {
  segment_ = random_segment();
  counter_ = 0;
  newest_.reset();
  rewind(0);
}

bool TakeEncoder::write_block(TakeBlockKind kind, std::uint16_t flags, const Open& open, ByteSink& sink) {
  CHECK(counter_ != UINT32_MAX);
  TakeHeader header;
  header.kind = kind;
  header.flags = flags;
  header.number = blocks_;
  header.segment = segment_;
  header.time_min = open.time_min;
  header.time_max = open.time_max;
  header.records = open.records;
  block_.clear();
  packer_.pack(header, open.payload, counter_++, block_);
  if (!sink.append(block_)) return false;
  ++blocks_;
  return true;
}

void TakeEncoder::rewind(std::uint32_t blocks) {
  CHECK(blocks <= blocks_);
  blocks_ = blocks;
  on_time_.clear();
  late_.clear();
}

}  // namespace understudy
