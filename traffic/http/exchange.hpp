// What capture produces: a request as soon as it is complete, and the exchange when its response has ended.
//
// Both are immutable once published and shared between those sinks that keep them by shared_ptr; each lives as long as
// a sink holds it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "traffic/base/clock.hpp"
#include "traffic/base/endpoint.hpp"
#include "traffic/base/memory_pool.hpp"
#include "traffic/http/message.hpp"

namespace understudy {

// One client connection of production. Ids are unique within a run of the agent, never reused.
using SessionId = std::uint64_t;

struct CapturedRequest {
  SessionId session = 0;
  std::uint32_t index_in_session = 0;  // 0 for the first request that was seen on the connection
  Endpoint client;
  Endpoint server;
  WallTime first_byte;  // packet time of the head's first byte
  WallTime last_byte;   // packet time of the last byte
  HttpMessage message;
  MemoryLease lease;  // of memory(), where a pool bounds all messages together

  // Bytes of memory held, for limits of queues.
  [[nodiscard]] std::size_t memory() const { return sizeof *this + message.memory(); }
};

struct CapturedResponse {
  WallTime first_byte;
  WallTime last_byte;
  HttpMessage message;   // the final response; interim ones (1xx) are counted, not kept
  bool complete = true;  // false: the capture or the connection ended inside it
  MemoryLease lease{};   // while somebody keeps it
};

struct Exchange {
  std::shared_ptr<const CapturedRequest> request;
  std::optional<CapturedResponse> response;  // empty: none was seen

  [[nodiscard]] std::size_t memory() const {
    return sizeof *this + request->memory() + (response ? response->message.memory() : 0);
  }
};

using RequestPtr = std::shared_ptr<const CapturedRequest>;
using ExchangePtr = std::shared_ptr<const Exchange>;

}  // namespace understudy
