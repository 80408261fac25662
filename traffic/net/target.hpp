// Where requests go: the parsed form of a target's URL, and of a proxy's.
//
//   http(s)://[user:password@]host[:port][/base/path]        (RFC 3986 section 3; RFC 9110 section 4.2)
//
// The path is a prefix of every forwarded request's path. A query or a fragment is refused. User and password are
// percent-decoded; they are kept apart from everything that is printed.
//
// Values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "traffic/base/error.hpp"

namespace understudy {

struct Credentials {
  std::string user;
  std::string password;

  // "Basic ..." for Authorization and Proxy-Authorization (RFC 7617). A secret: never printed.
  [[nodiscard]] std::string basic_authorization() const;
};

struct TargetUrl {
  bool is_tls = false;
  std::string host;  // lower case; an IPv6 literal without its brackets
  bool is_ipv6_literal = false;
  std::uint16_t port = 80;
  std::string base_path;  // "" or "/base": starts with a slash, does not end in one
  std::optional<Credentials> credentials;

  // "host", "host:8080" or "[::1]:8080": the Host field; the port is left out where it is the scheme's own.
  [[nodiscard]] std::string host_field() const;
  // "host:80" or "[::1]:80": the target of CONNECT (RFC 9110 section 9.3.6). Always with the port.
  [[nodiscard]] std::string authority() const;
  // The URL without user and password, for logs, metrics and errors.
  [[nodiscard]] std::string display() const;
};

// Errors are ExitCode::target_invalid; they never repeat user and password.
[[nodiscard]] Result<TargetUrl> parse_target(std::string_view url);

// The same for a proxy: http only, "host:port" without a scheme is taken as http, the default port is 3128 (80 where
// the scheme is written), and a path other than "/" is refused. https and SOCKS proxies are refused by name.
[[nodiscard]] Result<TargetUrl> parse_proxy(std::string_view url);

}  // namespace understudy
