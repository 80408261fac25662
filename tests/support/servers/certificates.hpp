// A certificate authority of a test, and what it signs. Keys are P-256; files are PEM.
#pragma once

#include <memory>
#include <string>

#include "tests/support/servers/process.hpp"

namespace understudy {

struct CertificateFiles {
  std::string certificate;
  std::string key;
};

class CertificateAuthority {
 public:
  explicit CertificateAuthority(const std::string& common_name = "Understudy test CA");
  ~CertificateAuthority();

  // The authority's own certificate, for --ca-file.
  [[nodiscard]] std::string ca_file() const;

  // A certificate for `subject_alternative_name`, as OpenSSL writes it: "DNS:localhost,IP:127.0.0.1". It begins an hour
  // ago and ends after `valid_for_seconds`, which may be negative down to -3600.
  [[nodiscard]] CertificateFiles issue(const std::string& name, const std::string& subject_alternative_name,
                                       long valid_for_seconds = 3600) const;
  // The same, signed by itself.
  [[nodiscard]] CertificateFiles self_signed(const std::string& name,
                                             const std::string& subject_alternative_name) const;

 private:
  struct Keys;
  [[nodiscard]] CertificateFiles make(const std::string& name, const std::string& subject_alternative_name,
                                      long valid_for_seconds, bool by_authority) const;

  TemporaryFolder folder_;
  std::unique_ptr<Keys> keys_;
};

}  // namespace understudy
