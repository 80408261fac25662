// What pairing counted beside the loss ledger.
//
// Thread safety: one worker writes, any thread reads.
#pragma once

#include <array>

#include "traffic/base/counter.hpp"
#include "traffic/http/framing_policy.hpp"

namespace understudy {

struct PairingStatistics {
  // connections
  Counter connections;
  Counter connections_joined_midstream;
  Counter connections_http2;    // HTTP/2 with prior knowledge, or by "Upgrade: h2c": not mirrored
  Counter connections_tls;      // not mirrored
  Counter connections_unknown;  // the client's first bytes were no HTTP
  Counter tunnels_upgraded;     // 101: WebSocket and others; not mirrored from there on
  Counter tunnels_connect;      // CONNECT answered by 2xx

  // requests
  Counter requests;      // complete, handed to the RequestHandler
  Counter request_gaps;  // losses of framing in the client's direction, each at least one request
  std::array<Counter, malformation_count> malformed{};  // requests, by what was wrong

  // responses
  Counter responses;             // final, complete, framed; whether kept or not
  Counter responses_interim;     // 1xx
  Counter responses_unmatched;   // no request was seen for them
  Counter responses_incomplete;  // cut by a gap, a limit or the end
  Counter responses_malformed;
  Counter response_gaps;  // losses of framing in the server's direction

  // exchanges
  Counter exchanges_without_response;
  Counter pairing_abandoned;     // connections on which responses can no longer be told apart
  Counter requests_over_memory;  // exchanges given up because the memory limit was reached

  Counter bytes_skipped;    // of no message: searched for a message start
  Counter bytes_tunnelled;  // after an upgrade or CONNECT, and on HTTP/2 and TLS connections
};

}  // namespace understudy
