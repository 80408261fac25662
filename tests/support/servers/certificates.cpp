#include "tests/support/servers/certificates.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cstdio>
#include <stdexcept>

namespace understudy {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

void require(bool condition) {
  if (!condition) throw std::runtime_error("OpenSSL cannot make a test certificate");
}

[[nodiscard]] Key make_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

[[nodiscard]] Certificate make_certificate(const std::string& common_name, EVP_PKEY* key, X509* issuer,
                                           EVP_PKEY* issuer_key, long valid_for_seconds,
                                           const std::string& subject_alternative_name) {
  static std::atomic<long> serial{1};
  Certificate certificate(X509_new(), X509_free);
  X509* x509 = certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), serial++);
  X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), valid_for_seconds);
  X509_set_pubkey(x509, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  X509* signer = issuer != nullptr ? issuer : x509;
  X509_set_issuer_name(x509, X509_get_subject_name(signer));
  if (subject_alternative_name.empty()) {
    add_extension(x509, signer, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(x509, signer, NID_key_usage, "critical,keyCertSign,cRLSign");
  } else {
    add_extension(x509, signer, NID_subject_alt_name, subject_alternative_name);
  }
  add_extension(x509, signer, NID_subject_key_identifier, "hash");
  require(X509_sign(x509, issuer_key, EVP_sha256()) != 0);
  return certificate;
}

void write_certificate(const std::string& path, X509* certificate) {
  const File file(std::fopen(path.c_str(), "w"), std::fclose);
  require(file && PEM_write_X509(file.get(), certificate) == 1);
}

}  // namespace

struct CertificateAuthority::Keys {
  Key key = make_key();
  Certificate certificate;

  // Authorities of one name are taken for one whose key has changed.
  explicit Keys(const std::string& common_name)
      : certificate(make_certificate(common_name, key.get(), nullptr, key.get(), 3600, "")) {}
};

CertificateAuthority::CertificateAuthority(const std::string& common_name)
    : keys_(std::make_unique<Keys>(common_name)) {
  write_certificate(ca_file(), keys_->certificate.get());
}

CertificateAuthority::~CertificateAuthority() = default;

std::string CertificateAuthority::ca_file() const { return folder_.path("ca.pem"); }

CertificateFiles CertificateAuthority::make(const std::string& name, const std::string& subject_alternative_name,
                                            long valid_for_seconds, bool by_authority) const {
  const Key key = make_key();
  const Certificate certificate =
      make_certificate(name, key.get(), by_authority ? keys_->certificate.get() : nullptr,
                       by_authority ? keys_->key.get() : key.get(), valid_for_seconds, subject_alternative_name);
  CertificateFiles files{folder_.path(name + ".pem"), folder_.path(name + ".key")};
  write_certificate(files.certificate, certificate.get());
  const File file(std::fopen(files.key.c_str(), "w"), std::fclose);
  require(file && PEM_write_PrivateKey(file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return files;
}

CertificateFiles CertificateAuthority::issue(const std::string& name, const std::string& subject_alternative_name,
                                             long valid_for_seconds) const {
  return make(name, subject_alternative_name, valid_for_seconds, true);
}

CertificateFiles CertificateAuthority::self_signed(const std::string& name,
                                                   const std::string& subject_alternative_name) const {
  return make(name, subject_alternative_name, 3600, false);
}

}  // namespace understudy
