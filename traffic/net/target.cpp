#include "traffic/net/target.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <charconv>

#include "traffic/base/endpoint.hpp"

namespace understudy {
namespace {

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;
constexpr std::uint16_t proxy_port = 3128;
constexpr std::size_t url_length_max = 8192;

[[nodiscard]] char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

[[nodiscard]] std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), to_lower);
  return lower;
}

[[nodiscard]] int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

// The URL with its user information blotted out, for errors about URLs that do not parse.
[[nodiscard]] std::string without_secret(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  // The last @ of all, not of the authority: a password may contain a slash that somebody forgot to encode.
  const std::size_t at = url.rfind('@');
  if (at == std::string_view::npos || at < begin) return std::string(url);
  return fmt::format("{}***{}", url.substr(0, begin), url.substr(at));
}

[[nodiscard]] bool is_host_character(char c) {
  return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '-' || c == '.' || c == '_';
}

[[nodiscard]] bool is_path_character(char c) { return c > ' ' && c < 0x7F && c != '"' && c != '<' && c != '>'; }

// Parses what both kinds of URL share. `kind` is "target" or "proxy", for messages.
class UrlParser {
 public:
  UrlParser(std::string_view kind, std::string_view url) : kind_(kind), url_(url) {}

  [[nodiscard]] Result<TargetUrl> parse(std::string_view rest, TargetUrl url) {
    const std::size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
    std::string_view authority = rest.substr(0, authority_end);
    const std::string_view path = rest.substr(authority_end);
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
      if (!take_credentials(authority.substr(0, at), url)) return bad("the user or password is not percent-encoded");
      authority.remove_prefix(at + 1);
    }
    if (!take_host(authority, url)) return bad("the host is missing or has characters that no host name has");
    if (!take_port(authority, url)) return bad("the port is not a number from 1 to 65535");
    if (path.find_first_of("?#") != std::string_view::npos) {
      return bad("it has a query or a fragment; give a path at most, rules can set parameters");
    }
    if (!std::all_of(path.begin(), path.end(), is_path_character))
      return bad("the path has characters that must be encoded");
    url.base_path = path;
    while (url.base_path.ends_with('/')) url.base_path.pop_back();
    return url;
  }

  [[nodiscard]] tl::unexpected<Error> bad(std::string_view why) const {
    return fail(ExitCode::target_invalid, fmt::format("{} '{}': {}", kind_, without_secret(url_), why));
  }

 private:
  [[nodiscard]] static bool take_credentials(std::string_view text, TargetUrl& url) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    auto user = percent_decoded(text.substr(0, colon));
    auto password = percent_decoded(colon < text.size() ? text.substr(colon + 1) : std::string_view{});
    if (!user || !password || user->find(':') != std::string::npos) return false;
    url.credentials = Credentials{std::move(*user), std::move(*password)};
    return true;
  }

  // Leaves ":port" or nothing in `authority`.
  [[nodiscard]] static bool take_host(std::string_view& authority, TargetUrl& url) {
    if (authority.starts_with('[')) {
      const std::size_t end = authority.find(']');
      if (end == std::string_view::npos) return false;
      const auto address = IpAddress::parse(authority.substr(1, end - 1));
      if (!address || !address->is_v6) return false;
      url.host = address->to_string();
      url.is_ipv6_literal = true;
      authority.remove_prefix(end + 1);
      return true;
    }
    const std::size_t end = std::min(authority.find(':'), authority.size());
    const std::string_view host = authority.substr(0, end);
    if (host.empty() || host.size() > 253 || !std::all_of(host.begin(), host.end(), is_host_character)) return false;
    url.host = lower_case(host);
    authority.remove_prefix(end);
    return true;
  }

  [[nodiscard]] static bool take_port(std::string_view text, TargetUrl& url) {
    if (text.empty()) return true;
    if (text.front() != ':') return false;
    text.remove_prefix(1);
    if (text.empty()) return true;  // "host:" is the default port (RFC 3986 section 3.2.3)
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), url.port);
    return error == std::errc{} && end == text.data() + text.size() && url.port != 0;
  }

  std::string_view kind_;
  std::string_view url_;
};

// Splits "scheme://rest". The scheme is empty when there is none.
[[nodiscard]] std::pair<std::string, std::string_view> split_scheme(std::string_view url) {
  const std::size_t end = url.find("://");
  if (end == std::string_view::npos) return {"", url};
  return {lower_case(url.substr(0, end)), url.substr(end + 3)};
}

}  // namespace

std::string Credentials::basic_authorization() const {
  const std::string plain = user + ":" + password;
  std::string encoded((plain.size() + 2) / 3 * 4 + 1, '\0');  // the encoder ends its output with a zero
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                      reinterpret_cast<const unsigned char*>(plain.data()), static_cast<int>(plain.size()));
  encoded.resize(static_cast<std::size_t>(length));
  return "Basic " + encoded;
}

std::string TargetUrl::host_field() const {
  return port == (is_tls ? https_port : http_port) ? (is_ipv6_literal ? "[" + host + "]" : host) : authority();
}

std::string TargetUrl::authority() const {
  return is_ipv6_literal ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::string TargetUrl::display() const {
  return fmt::format("{}://{}{}", is_tls ? "https" : "http", host_field(), base_path);
}

Result<TargetUrl> parse_target(std::string_view text) {
  UrlParser parser("target", text);
  if (text.size() > url_length_max) return fail(ExitCode::target_invalid, "target: the URL is longer than 8192 bytes");
  const auto [scheme, rest] = split_scheme(text);
  if (scheme != "http" && scheme != "https") {
    return parser.bad("it must begin with http:// or https://, for example https://shadow.example.com/base");
  }
  TargetUrl url;
  url.is_tls = scheme == "https";
  url.port = url.is_tls ? https_port : http_port;
  return parser.parse(rest, std::move(url));
}

Result<TargetUrl> parse_proxy(std::string_view text) {
  UrlParser parser("proxy", text);
  if (text.size() > url_length_max) return fail(ExitCode::target_invalid, "proxy: the URL is longer than 8192 bytes");
  const auto [scheme, rest] = split_scheme(text);
  if (scheme == "https") {
    return parser.bad(
        "a connection to the proxy itself over TLS is not supported; use http://, CONNECT carries https targets");
  }
  if (scheme.starts_with("socks"))
    return parser.bad("SOCKS proxies are not supported; use an HTTP proxy that allows CONNECT");
  if (!scheme.empty() && scheme != "http")
    return parser.bad("it must begin with http://, for example http://proxy:3128");
  TargetUrl url;
  url.port = scheme.empty() ? proxy_port : http_port;
  auto parsed = parser.parse(rest, std::move(url));
  if (parsed && !parsed->base_path.empty()) return parser.bad("a proxy has no path");
  return parsed;
}

}  // namespace understudy
