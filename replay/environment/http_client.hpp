// Asks an environment over HTTP: one request, one answer, no retry.
//
// A connection for each request, so that a load balancer decides anew each time. Redirects are not followed: an answer
// from elsewhere says nothing about the environment. TLS is verified unless TlsOptions::insecure.
//
// Thread safety: one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/net/target.hpp"
#include "traffic/net/tls.hpp"

namespace understudy {

// The way to an environment.
struct HttpClientOptions {
  TargetUrl target;                // its base path is put in front of every path
  std::optional<TargetUrl> proxy;  // CONNECT for https, absolute form for http
  TlsOptions tls;
  std::vector<std::pair<std::string, std::string>> headers;  // sent with every request; values may be secrets
  Nanoseconds connect_timeout = std::chrono::seconds(5);
  Nanoseconds response_timeout = std::chrono::seconds(30);  // for a whole response
};

struct HttpCall {
  std::string method = "GET";
  std::string path;          // "/health", "/clone/7?wait=20"
  std::string body = {};     // JSON; empty: none
  Nanoseconds extra_wait{};  // the server was asked to take so much longer
};

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::optional<Nanoseconds> retry_after;  // delay-seconds or a date (RFC 9110 section 10.2.3), a day at most
  std::string location;
};

class HttpClient {
 public:
  // Of a larger answer nothing is kept.
  static constexpr std::size_t body_size_max = std::size_t{64} << 20U;

  explicit HttpClient(HttpClientOptions options) : options_(std::move(options)) {}

  // Any status is an answer. Errors say what was asked of whom, what happened, and what to do: ExitCode::tls when
  // certificates cannot be loaded or do not verify, ExitCode::environment_unfit for everything else.
  [[nodiscard]] Result<HttpAnswer> send(const HttpCall& call) const;

  // "http://host/base": without user and password.
  [[nodiscard]] std::string display() const { return options_.target.display(); }
  // "GET http://host/base/health".
  [[nodiscard]] std::string display(const HttpCall& call) const;

 private:
  HttpClientOptions options_;
};

}  // namespace understudy
