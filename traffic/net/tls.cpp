#include "traffic/net/tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <utility>

#include "traffic/net/system_roots.hpp"

namespace understudy {
namespace {

// The first of OpenSSL's pending errors in words; the others are dropped.
[[nodiscard]] std::string take_openssl_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown error";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : fmt::format("error {:#x}", code);
}

[[nodiscard]] tl::unexpected<Error> cannot_load(std::string_view what, const std::string& file, std::string_view hint) {
  return fail(ExitCode::tls, fmt::format("{} '{}' cannot be used: {}; {}", what, file, take_openssl_error(), hint));
}

int on_new_session(SSL* ssl, SSL_SESSION* session) {
  auto* context = static_cast<TlsContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  context->keep_session(session);
  return 1;  // the reference is ours now
}

[[nodiscard]] Result<void> load_trust(SSL_CTX* context, const TlsOptions& options) {
  if (options.insecure) {
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    return {};
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (options.ca_file.empty()) {
    return trust_system_roots(context);
  }
  if (SSL_CTX_load_verify_file(context, options.ca_file.c_str()) != 1) {
    return cannot_load("CA file", options.ca_file, "it must be a readable file of certificates in PEM");
  }
  return {};
}

[[nodiscard]] Result<void> load_client_certificate(SSL_CTX* context, const TlsOptions& options) {
  if (options.certificate_file.empty()) {
    if (options.key_file.empty()) return {};
    return fail(ExitCode::tls, fmt::format("client key '{}' is given without a certificate", options.key_file));
  }
  if (SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) != 1) {
    return cannot_load("client certificate", options.certificate_file, "it must be a readable file in PEM");
  }
  const std::string& key_file = options.key_file.empty() ? options.certificate_file : options.key_file;
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return cannot_load("client key", key_file,
                       "it must be readable, in PEM, without a pass phrase, and the certificate's own");
  }
  return {};
}

// Keys with a pass phrase are refused instead of asking on the terminal.
int no_pass_phrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return 0; }

}  // namespace

Result<std::shared_ptr<TlsContext>> TlsContext::create(const TlsOptions& options, std::string host) {
  ERR_clear_error();
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr) return fail(ExitCode::tls, fmt::format("TLS cannot be set up: {}", take_openssl_error()));
  std::shared_ptr<TlsContext> result(new TlsContext(context, std::move(host), !options.insecure));
  SSL_CTX_set_app_data(context, result.get());
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_default_passwd_cb(context, no_pass_phrase);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  // A response is framed by HTTP, so a stream that ends without close_notify is an ordinary end.
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, on_new_session);
  if (auto loaded = load_trust(context, options); !loaded) return tl::unexpected(std::move(loaded.error()));
  if (auto loaded = load_client_certificate(context, options); !loaded)
    return tl::unexpected(std::move(loaded.error()));
  return result;
}

TlsContext::TlsContext(ssl_ctx_st* context, std::string host, bool verifies)
    : context_(context), host_(std::move(host)), verifies_(verifies) {}

TlsContext::~TlsContext() {
  SSL_SESSION_free(session_);
  SSL_CTX_free(context_);
}

void TlsContext::keep_session(ssl_session_st* session) {
  SSL_SESSION_free(session_);
  session_ = session;
}

}  // namespace understudy
