// Writes a captured request's head for sending it to another server: its own bytes, changed only where they must be.
//
// What changes, and nothing else:
//   - Host gets the target's value in place (or stays, see ForwardingRules::host); a missing one is added.
//   - The target gets the base path in front; an absolute-form target becomes origin-form (RFC 9112 section 3.2.2), and
//     its authority is the Host that is kept. "*" and authority-form stay.
//   - `Expect: 100-continue` goes: the body is sent at once (RFC 9110 section 10.1.1 leaves the wait to the client).
//   - Of Connection, the option "close" goes, so that the pool may keep its connection, and so do "upgrade" and
//     "http2-settings" where Upgrade is removed; the line goes when no option is left.
//   - Upgrade and HTTP2-Settings go, unless ForwardingRules::keep_upgrade: nobody would speak the other protocol.
//   - Proxy-Connection goes (not a standard field; it means Connection, to a proxy).
//   - The caller's own lines are added in front of the empty line.
// All other fields stay, Transfer-Encoding, TE, Trailer and Keep-Alive too, for the body goes with its own framing. An
// HTTP/1.0 request stays one: the server may then close the connection after its response.
//
// Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "traffic/http/message.hpp"

namespace understudy {

struct ForwardingRules {
  std::string host;       // value for Host, "shadow.example.com:8443"; empty: the request keeps its own
  std::string base_path;  // put in front of the target's path: empty, or "/base" without a slash at its end
  bool keep_upgrade = false;
};

// False for what cannot be sent to another server as it is: CONNECT, and targets that are neither origin-form nor
// absolute-form nor "*".
[[nodiscard]] bool is_forwardable(const HttpMessage& request);

// Appends the head to `out`. `extra_fields` is zero or more whole lines, each with its CRLF. The body follows the head
// on the wire as request.body().wire_slices(). Does not allocate when `out` has room (about the head's length and 256
// bytes). REQUIRES: `request` is a request whose head was retained; is_forwardable(request).
void write_request_head(const HttpMessage& request, const ForwardingRules& rules, std::string_view extra_fields,
                        std::string& out);

}  // namespace understudy
