#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <limits>
#include <new>

#include "traffic/base/check.hpp"
#include "traffic/base/endpoint.hpp"
#include "traffic/net/stream.hpp"
#include "traffic/net/tls.hpp"

namespace understudy {
namespace {

// OpenSSL's view of a TcpSocket. Its own socket BIO writes without MSG_NOSIGNAL, and would end the process on a closed
// connection where nobody ignores SIGPIPE.
[[nodiscard]] TcpSocket& socket_of(BIO* bio) { return *static_cast<TcpSocket*>(BIO_get_data(bio)); }

int bio_write(BIO* bio, const char* bytes, int length) {
  BIO_clear_retry_flags(bio);
  boost::system::error_code error;
  const boost::asio::const_buffer buffer(bytes, static_cast<std::size_t>(length));
  const IoResult result = write_some(socket_of(bio), std::span(&buffer, 1), error);
  if (result.status == IoStatus::ok) return static_cast<int>(result.bytes);
  if (result.status == IoStatus::want_write) BIO_set_retry_write(bio);
  return -1;
}

int bio_read(BIO* bio, char* into, int length) {
  BIO_clear_retry_flags(bio);
  boost::system::error_code error;
  const IoResult result = read_some(socket_of(bio), {into, static_cast<std::size_t>(length)}, error);
  if (result.status == IoStatus::ok) return static_cast<int>(result.bytes);
  if (result.status == IoStatus::want_read) BIO_set_retry_read(bio);
  if (result.status == IoStatus::closed) {
    BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return 0;
  }
  return -1;
}

long bio_control(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

[[nodiscard]] BIO_METHOD* make_bio_method() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "understudy socket");
  CHECK(method != nullptr);
  BIO_meth_set_write(method, bio_write);
  BIO_meth_set_read(method, bio_read);
  BIO_meth_set_ctrl(method, bio_control);
  return method;
}

[[nodiscard]] BIO* make_bio(TcpSocket& socket) {
  static BIO_METHOD* const method = make_bio_method();  // lives as long as the program
  BIO* bio = BIO_new(method);
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, &socket);
  BIO_set_init(bio, 1);
  return bio;
}

void expect_host(SSL* ssl, const TlsContext& context) {
  const std::string& host = context.host();
  const bool is_address = IpAddress::parse(host).has_value();
  if (!is_address) SSL_set_tlsext_host_name(ssl, host.c_str());  // RFC 6066 section 3: never an address
  if (!context.verifies()) return;
  X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const int set = is_address ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str())
                             : X509_VERIFY_PARAM_set1_host(parameters, host.data(), host.size());
  CHECK(set == 1);  // the host was parsed before
}

[[nodiscard]] int clamped(std::size_t length) {
  return static_cast<int>(std::min<std::size_t>(length, std::numeric_limits<int>::max()));
}

}  // namespace

TlsSession::TlsSession(TlsContext& context, TcpSocket& socket) : context_(context), ssl_(SSL_new(context.native())) {
  if (ssl_ == nullptr) throw std::bad_alloc();
  BIO* bio = make_bio(socket);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_connect_state(ssl_);
  expect_host(ssl_, context);
  if (context.session() != nullptr) SSL_set_session(ssl_, context.session());
}

TlsSession::~TlsSession() {
  // Without this OpenSSL takes the session for broken, and it could not be resumed.
  SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl_);
}

IoStatus TlsSession::status_of(int result) {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ: return IoStatus::want_read;
    case SSL_ERROR_WANT_WRITE: return IoStatus::want_write;
    case SSL_ERROR_ZERO_RETURN: ended_ = true; return IoStatus::closed;
    case SSL_ERROR_SYSCALL: ended_ = true; return IoStatus::failed;
    default: error_ = ERR_peek_error(); return IoStatus::failed;
  }
}

IoStatus TlsSession::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) return IoStatus::ok;
  const IoStatus status = status_of(result);
  return status == IoStatus::closed ? IoStatus::failed : status;
}

IoResult TlsSession::read_some(std::span<char> into) {
  ERR_clear_error();
  const int result = SSL_read(ssl_, into.data(), clamped(into.size()));
  if (result > 0) return {IoStatus::ok, static_cast<std::size_t>(result)};
  return {status_of(result), 0};
}

IoResult TlsSession::write_some(std::string_view bytes) {
  ERR_clear_error();
  const int result = SSL_write(ssl_, bytes.data(), clamped(bytes.size()));
  if (result > 0) return {IoStatus::ok, static_cast<std::size_t>(result)};
  return {status_of(result), 0};
}

bool TlsSession::refused() const { return ERR_GET_REASON(error_) > SSL_AD_REASON_OFFSET; }

bool TlsSession::resumed() const { return SSL_session_reused(ssl_) == 1; }

std::string TlsSession::version() const { return SSL_get_version(ssl_); }

std::string TlsSession::verification_failure(long code) const {
  const std::string reason = X509_verify_cert_error_string(code);
  switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return "the certificate has expired; renew it on the target";
    case X509_V_ERR_CERT_NOT_YET_VALID: return "the certificate is not valid yet; compare the clocks of both hosts";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return fmt::format("the certificate is not for '{}'; use a name that it has in the target's URL",
                         context_.host());
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return "the certificate is self-signed and not trusted; give it with --ca-file to trust it";
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return fmt::format("the certificate's issuer is not trusted ({}); give the CA's certificate with --ca-file",
                         reason);
    default: return fmt::format("the certificate does not verify: {}", reason);
  }
}

std::string TlsSession::failure() const {
  if (const long code = SSL_get_verify_result(ssl_); context_.verifies() && code != X509_V_OK) {
    return verification_failure(code);
  }
  if (error_ != 0) {
    switch (ERR_GET_REASON(error_)) {
      case SSL_R_WRONG_VERSION_NUMBER: return "the target does not speak TLS on this port; use http:// or another port";
      case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
        return "the target asks for a client certificate; give one with --cert and --key";
      case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
      case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE: return "the target does not accept the client certificate";
      case SSL_R_UNSUPPORTED_PROTOCOL:
      case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION: return "the target speaks neither TLS 1.2 nor 1.3";
      default: break;
    }
    const char* reason = ERR_reason_error_string(error_);
    return reason != nullptr ? reason : fmt::format("OpenSSL error {:#x}", error_);
  }
  return ended_ ? "the connection was closed during the handshake" : "no reason is known";
}

}  // namespace understudy
