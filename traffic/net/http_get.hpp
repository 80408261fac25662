// One GET over plain HTTP/1.1 to an address, and its whole answer: for asking a program on this host what it says of
// itself. Not for mirrored traffic.
#pragma once

#include <cstddef>
#include <string>

#include "traffic/base/clock.hpp"
#include "traffic/base/endpoint.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
};

// Blocks for up to `timeout`, from the connection to the last byte. `target` is a path, sent as it is. Redirects are
// not followed. Errors: ExitCode::environment_unfit, when nothing answers there, not in time, not HTTP, or a body of
// more than `body_bytes_max`.
[[nodiscard]] Result<HttpAnswer> http_get(const Endpoint& server, const std::string& target, Nanoseconds timeout,
                                          std::size_t body_bytes_max);

}  // namespace understudy
