#include "traffic/net/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <string_view>

#include "traffic/base/json_text.hpp"

namespace understudy {
namespace {

constexpr int certificates_max = 10;

std::string name_text(const X509_NAME* name) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> buffer(BIO_new(BIO_s_mem()), &BIO_free);
  if (!buffer) return {};
  X509_NAME_print_ex(buffer.get(), name, 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  char* bytes = nullptr;
  const long length = BIO_get_mem_data(buffer.get(), &bytes);
  std::string text;
  append_printable(text, std::string_view(bytes, static_cast<std::size_t>(std::max(length, 0L))));
  return text;
}

WallTime time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  const std::chrono::year_month_day day(std::chrono::year(parts.tm_year + 1900),
                                        std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)),
                                        std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
  return WallTime(std::chrono::sys_days(day) + std::chrono::hours(parts.tm_hour) + std::chrono::minutes(parts.tm_min) +
                  std::chrono::seconds(parts.tm_sec));
}

}  // namespace

std::vector<CertificateInfo> peer_certificates(const ssl_st* session) {
  std::vector<CertificateInfo> result;
  STACK_OF(X509)* const chain = SSL_get_peer_cert_chain(session);
  for (int i = 0; chain != nullptr && i < std::min(sk_X509_num(chain), certificates_max); ++i) {
    const X509* const certificate = sk_X509_value(chain, i);
    result.push_back({name_text(X509_get_subject_name(certificate)), name_text(X509_get_issuer_name(certificate)),
                      time_of(X509_get0_notBefore(certificate)), time_of(X509_get0_notAfter(certificate))});
  }
  return result;
}

}  // namespace understudy
