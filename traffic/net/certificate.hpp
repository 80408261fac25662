// What a certificate says, in words.
#pragma once

#include <string>
#include <vector>

#include "traffic/base/clock.hpp"

struct ssl_st;

namespace understudy {

struct CertificateInfo {
  std::string subject;  // RFC 4514: "CN=shadow.example.com,O=Example"; safe to print
  std::string issuer;
  WallTime not_before;
  WallTime not_after;
};

// The certificates that the server showed in this session, its own first. Empty when the session was resumed or no
// handshake has come so far. At most 10 are told.
[[nodiscard]] std::vector<CertificateInfo> peer_certificates(const ssl_st* session);

}  // namespace understudy
