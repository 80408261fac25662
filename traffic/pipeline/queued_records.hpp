// What a recording's worker queues for its writer: small exchanges as the bytes of their records, a large one as
// itself.
//
// A batch of records is one block of memory. The writer, on another core, reads and frees that instead of a dozen
// blocks for each exchange which the worker has just filled, and the worker gets its own back while they are still in
// its cache. For a large body a copy costs more than that saves.
//
// Thread safety: one batch, one thread; what it gave may be handed to another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "traffic/base/clock.hpp"
#include "traffic/http/exchange.hpp"
#include "traffic/pipeline/redacted_take.hpp"
#include "traffic/rules/current_rules.hpp"

namespace understudy {

struct QueuedRecords {
  ExchangePtr exchange;  // to be encoded; null: there are records

  std::unique_ptr<char[]> bytes;  // of records of a `.take` file, redacted
  std::size_t size = 0;
  std::size_t capacity = 0;
  std::uint32_t count = 0;
  WallTime earliest{};  // of the records' requests' first bytes
  WallTime latest{};

  [[nodiscard]] TakeRecordRun run() const { return {{bytes.get(), size}, count, earliest, latest}; }
  [[nodiscard]] std::uint32_t exchanges() const { return exchange != nullptr ? 1 : count; }
  // Bytes of memory held, for limits of queues.
  [[nodiscard]] std::size_t memory() const {
    return sizeof *this + (exchange != nullptr ? exchange->memory() : capacity);
  }
};

// Gathers the records of small exchanges for a `.take` file. The rules outlive it.
class RecordBatch {
 public:
  // Of heads and bodies together; a larger exchange is none for a batch.
  static constexpr std::size_t record_size_max = std::size_t{8} << 10U;
  // A batch of that size is full. One more record may pass it.
  static constexpr std::size_t batch_size = std::size_t{64} << 10U;

  explicit RecordBatch(const CurrentRules& rules) : rules_(rules) {}

  // False: too large, and nothing has changed. REQUIRES: the request's head was retained.
  [[nodiscard]] bool add(OfferedExchange& exchange);
  [[nodiscard]] bool empty() const { return records_.count == 0; }
  [[nodiscard]] bool full() const { return records_.size >= batch_size; }
  // What was added since the last call.
  [[nodiscard]] QueuedRecords take();

 private:
  void make_room(std::size_t size);

  CurrentRules::Reader rules_;
  RedactedTake view_;
  QueuedRecords records_;
  std::size_t last_size_ = 0;  // of the batch before: the next one will be like it
};

}  // namespace understudy
