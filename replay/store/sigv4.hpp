// Signs requests to AWS, and to services that speak as AWS does: Signature Version 4 ("Authenticating Requests (AWS
// Signature Version 4)", AWS General Reference; for S3: "Signature Calculations for the Authorization Header").
//
// Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "replay/store/aws_credentials.hpp"
#include "traffic/base/clock.hpp"

namespace understudy {

// Percent-encodes everything but A-Z a-z 0-9 - . _ ~, upper case hexadecimal: as SigV4 wants it and RFC 3986 allows it.
// With keep_slash, '/' stays as well: the path of an S3 key.
[[nodiscard]] std::string aws_uri_encode(std::string_view text, bool keep_slash = false);

// Lower-case hexadecimal of the SHA-256 of `bytes`.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

// What is signed in place of a body that is not hashed; only over TLS or for S3.
inline constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

struct SigV4Request {
  std::string method = "GET";
  std::string path = "/";  // as it is sent: encoded once (S3), or before the second encoding (other services)
  std::vector<std::pair<std::string, std::string>> query;    // neither is encoded
  std::vector<std::pair<std::string, std::string>> headers;  // every one of them is signed; Host must be among them
  std::string payload_hash;                                  // sha256_hex(body), or unsigned_payload
};

struct SigV4Scope {
  std::string region = "us-east-1";
  std::string service = "s3";
  bool encode_path_again = false;  // every service but S3: each part of the path is encoded a second time
};

// "a=1&b=2": sorted and encoded, as it is signed and as it should be sent.
[[nodiscard]] std::string canonical_query(const std::vector<std::pair<std::string, std::string>>& query);

// The intermediate texts, for tests and for comparing with what a server says it signed.
[[nodiscard]] std::string sigv4_canonical_request(const SigV4Request& request, const SigV4Scope& scope);

// "20130524T000000Z": X-Amz-Date.
[[nodiscard]] std::string amz_date(WallTime time);

// Adds X-Amz-Date, X-Amz-Security-Token where there is a session token, and Authorization to the request's headers. For
// S3 also X-Amz-Content-Sha256.
void sign_sigv4(SigV4Request& request, const SigV4Scope& scope, const AwsCredentials& credentials, WallTime now);

}  // namespace understudy
