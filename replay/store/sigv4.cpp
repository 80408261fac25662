#include "replay/store/sigv4.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "traffic/base/check.hpp"
#include "traffic/recording/sha256.hpp"

namespace understudy {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

[[nodiscard]] bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

[[nodiscard]] std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// Without spaces at the ends, and each run of spaces as one.
[[nodiscard]] std::string trimmed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\t';
    if (space && (out.empty() || out.back() == ' ')) continue;
    out += space ? ' ' : c;
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

// Lower-case names in order; values of one name joined by commas, in the order in which they are sent.
[[nodiscard]] Fields canonical_headers(const Fields& headers) {
  Fields canonical;
  for (const auto& [name, value] : headers) canonical.emplace_back(lower_case(name), trimmed(value));
  std::ranges::stable_sort(canonical, {}, &Fields::value_type::first);
  Fields joined;
  for (auto& [name, value] : canonical) {
    if (!joined.empty() && joined.back().first == name) {
      joined.back().second += "," + value;
    } else {
      joined.emplace_back(std::move(name), std::move(value));
    }
  }
  return joined;
}

[[nodiscard]] std::string signed_names(const Fields& canonical) {
  std::string names;
  for (const auto& [name, value] : canonical) names += (names.empty() ? "" : ";") + name;
  return names;
}

[[nodiscard]] std::string hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const auto* const made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                                reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  CHECK(made != nullptr);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

[[nodiscard]] std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<unsigned char>(c));
  return text;
}

}  // namespace

std::string aws_uri_encode(std::string_view text, bool keep_slash) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c) || (keep_slash && c == '/')) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += digits[byte >> 4U];
      out += digits[byte & 15U];
    }
  }
  return out;
}

std::string sha256_hex(std::string_view bytes) {
  thread_local Sha256 sha256;
  std::string out;
  sha256.append_hex(out, std::span(&bytes, 1));
  return out;
}

std::string canonical_query(const Fields& query) {
  Fields encoded;
  for (const auto& [name, value] : query) encoded.emplace_back(aws_uri_encode(name), aws_uri_encode(value));
  std::ranges::sort(encoded);
  std::string text;
  for (const auto& [name, value] : encoded) {
    if (!text.empty()) text += '&';
    text += name + "=" + value;
  }
  return text;
}

std::string sigv4_canonical_request(const SigV4Request& request, const SigV4Scope& scope) {
  const Fields headers = canonical_headers(request.headers);
  std::string text = fmt::format("{}\n{}\n{}\n", request.method,
                                 scope.encode_path_again ? aws_uri_encode(request.path, true) : request.path,
                                 canonical_query(request.query));
  for (const auto& [name, value] : headers) text += name + ":" + value + "\n";
  return text + "\n" + signed_names(headers) + "\n" + request.payload_hash;
}

std::string amz_date(WallTime time) {
  return fmt::format("{:%Y%m%dT%H%M%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(
                         std::chrono::time_point_cast<std::chrono::system_clock::duration>(time))));
}

void sign_sigv4(SigV4Request& request, const SigV4Scope& scope, const AwsCredentials& credentials, WallTime now) {
  const std::string time = amz_date(now);
  request.headers.emplace_back("X-Amz-Date", time);
  if (scope.service == "s3") request.headers.emplace_back("X-Amz-Content-Sha256", request.payload_hash);
  if (!credentials.session_token.empty()) {
    request.headers.emplace_back("X-Amz-Security-Token", credentials.session_token);
  }
  const std::string date = time.substr(0, 8);
  const std::string credential_scope = fmt::format("{}/{}/{}/aws4_request", date, scope.region, scope.service);
  const std::string to_sign = fmt::format("{}\n{}\n{}\n{}", algorithm, time, credential_scope,
                                          sha256_hex(sigv4_canonical_request(request, scope)));
  std::string key = hmac("AWS4" + credentials.secret_access_key, date);
  key = hmac(key, scope.region);
  key = hmac(key, scope.service);
  key = hmac(key, "aws4_request");
  request.headers.emplace_back(
      "Authorization",
      fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", algorithm, credentials.access_key_id,
                  credential_scope, signed_names(canonical_headers(request.headers)), hex(hmac(key, to_sign))));
}

}  // namespace understudy
