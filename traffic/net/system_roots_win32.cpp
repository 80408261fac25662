#include <windows.h>

#include <wincrypt.h>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "traffic/base/system_error.hpp"
#include "traffic/net/system_roots.hpp"

namespace understudy {

Result<void> trust_system_roots(ssl_ctx_st* context) {
  const HCERTSTORE store = ::CertOpenSystemStoreW(0, L"ROOT");
  if (store == nullptr) {
    return fail(ExitCode::tls,
                fmt::format("the system's certificates (store ROOT) cannot be opened: {}; name a file of "
                            "certificates with --ca-file",
                            SystemError::last().text()));
  }
  X509_STORE* trusted = SSL_CTX_get_cert_store(context);
  const CERT_CONTEXT* entry = nullptr;
  while ((entry = ::CertEnumCertificatesInStore(store, entry)) != nullptr) {
    if ((entry->dwCertEncodingType & X509_ASN_ENCODING) == 0) continue;
    const unsigned char* bytes = entry->pbCertEncoded;
    X509* certificate = d2i_X509(nullptr, &bytes, static_cast<long>(entry->cbCertEncoded));
    if (certificate == nullptr) continue;  // one that OpenSSL cannot read; the others still count
    X509_STORE_add_cert(trusted, certificate);
    X509_free(certificate);
  }
  ERR_clear_error();
  ::CertCloseStore(store, 0);
  return {};
}

}  // namespace understudy
