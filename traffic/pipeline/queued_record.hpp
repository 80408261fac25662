// What a recording's worker queues for its writer: a small exchange as the bytes of its record, a large one as itself.
//
// A record is one block of memory. The writer, on another core, reads and frees that instead of a dozen blocks which
// the worker has just filled, and the worker gets its own back while they are still in its cache. For a large body a
// copy costs more than that saves.
//
// Thread safety: one maker, one thread; a record may be handed to another.
#pragma once

#include <cstddef>
#include <string>

#include "traffic/base/clock.hpp"
#include "traffic/http/exchange.hpp"
#include "traffic/pipeline/redacted_take.hpp"
#include "traffic/rules/current_rules.hpp"

namespace understudy {

struct QueuedRecord {
  std::string record;     // of a `.take` file, redacted; empty: the exchange is to be encoded
  WallTime first_byte{};  // of the record's request
  ExchangePtr exchange;   // null where there is a record

  // Bytes of memory held, for limits of queues.
  [[nodiscard]] std::size_t memory() const {
    return sizeof *this + (exchange != nullptr ? exchange->memory() : record.capacity());
  }
};

// Makes records for `.take` files; the rules outlive it.
class RecordMaker {
 public:
  // Of heads and bodies together; a larger exchange stays one.
  static constexpr std::size_t record_size_max = std::size_t{8} << 10U;

  explicit RecordMaker(const CurrentRules& rules) : rules_(rules) {}

  // REQUIRES: the request's head was retained.
  [[nodiscard]] QueuedRecord make(const ExchangePtr& exchange);

 private:
  CurrentRules::Reader rules_;
  RedactedTake view_;
  TakeExchangePieces pieces_;
};

}  // namespace understudy
