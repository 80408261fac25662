// Tries the way to a target once, step by step, with the same code that carries mirrored requests: name lookup,
// connection, the proxy's tunnel, TLS with verification, and one harmless request.
//
// The request is HEAD of the target's base path: a safe method (RFC 9110 section 9.2.1) that changes nothing by
// definition, has no body either way, and still passes gateways and routing as a mirrored request would. OPTIONS *
// would be less, but it is answered by the first server on the way, whatever is broken behind it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/endpoint.hpp"
#include "traffic/net/certificate.hpp"
#include "traffic/net/target.hpp"
#include "traffic/net/tls.hpp"

namespace understudy {

enum class ProbeStep : std::uint8_t {
  name,        // look up the target's host, or the proxy's
  connection,  // TCP, to the first address that answers
  tunnel,      // CONNECT through the proxy
  tls,         // handshake and verification
  request,     // HEAD, and a whole response
  done,        // nothing failed
};

struct ProbeOptions {
  TargetUrl target;
  std::optional<TargetUrl> proxy;
  TlsOptions tls;
  Nanoseconds connect_timeout = std::chrono::seconds(5);  // for each step before the request, and each address
  Nanoseconds response_timeout = std::chrono::seconds(10);
  bool send_request = true;  // false: stop before the request
  std::string extra_fields;  // of the request: whole lines, each with its CRLF
};

struct ProbeReport {
  ProbeStep failed_at = ProbeStep::done;
  std::string failure;  // in a sentence, without secrets; empty when done
  std::vector<IpAddress> addresses;
  std::optional<IpAddress> connected_to;  // the target's or the proxy's
  Nanoseconds connect_time{};             // from the start until ready for a request
  std::string tls_version;                // "TLSv1.3"; empty without TLS
  std::vector<CertificateInfo> certificates;
  int status = 0;  // of the response
  Nanoseconds response_time{};
};

// Blocks until the way is tried or the time-outs are over. Makes a thread of its own for the while.
[[nodiscard]] ProbeReport probe_target(const ProbeOptions& options);

}  // namespace understudy
