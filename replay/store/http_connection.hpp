// Asks a server over one connection that is kept open: a request, its response, the next request.
//
// A request that meets a kept connection which the server has just closed is sent again on a new one, once: whoever
// sends what must not be sent twice does not use this.
//
// Bounds: a response's head is 64 KiB at most, its body as the call says; a response takes `total` at most.
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "replay/store/blocking_stream.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/net/resolver.hpp"

namespace understudy {

struct HttpRequestHead {
  std::string method = "GET";
  std::string target = "/";                                  // as it goes out
  std::vector<std::pair<std::string, std::string>> headers;  // Host among them, Content-Length not
};

struct HttpLimits {
  std::size_t body_size_max = std::size_t{1} << 20U;
  Nanoseconds idle = std::chrono::seconds(60);  // between two bytes
  Nanoseconds total = std::chrono::minutes(10);
};

struct HttpReply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names as they came
  std::string body;

  // The first of that name, in any case; empty where there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

class HttpConnection {
 public:
  // `look_up` is asked for the addresses of each new connection.
  explicit HttpConnection(StreamOptions options, Resolver::LookUp look_up = understudy::look_up);

  // Any status is a reply. Control characters in a header are refused (ExitCode::internal: the caller's to prevent).
  // ExitCode::target_invalid, tls, or aborted on a stop request.
  [[nodiscard]] Result<HttpReply> send(const HttpRequestHead& head, std::string_view body, const HttpLimits& limits,
                                       const std::stop_token& stop);

 private:
  [[nodiscard]] Result<void> connect(const std::stop_token& stop);
  // Nothing: the kept connection was closed before a byte of the response.
  [[nodiscard]] Result<std::optional<HttpReply>> exchange(std::string_view head, std::string_view body, bool is_head,
                                                          const HttpLimits& limits, const std::stop_token& stop);

  BlockingStream stream_;
  Resolver::LookUp look_up_;
  std::vector<char> buffer_;
};

}  // namespace understudy
