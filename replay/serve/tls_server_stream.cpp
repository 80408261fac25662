#include "replay/serve/tls_server_stream.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <limits>

namespace understudy {
namespace {

constexpr std::size_t step_size = 16 * 1024;

[[nodiscard]] std::string last_words() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

[[nodiscard]] int limited(size_t size) {
  return static_cast<int>(std::min<size_t>(size, std::numeric_limits<int>::max()));
}

}  // namespace

Result<std::unique_ptr<TlsServerContext>> TlsServerContext::load(const std::string& certificate_file,
                                                                 const std::string& key_file) {
  std::unique_ptr<TlsServerContext> context(new TlsServerContext(SSL_CTX_new(TLS_server_method())));
  if (context->context_ == nullptr) return fail(ExitCode::tls, "cannot set up TLS: " + last_words());
  SSL_CTX_set_min_proto_version(context->context_, TLS1_2_VERSION);
  SSL_CTX_set_options(context->context_, SSL_OP_NO_RENEGOTIATION);
  if (SSL_CTX_use_certificate_chain_file(context->context_, certificate_file.c_str()) != 1) {
    return fail(ExitCode::tls, fmt::format("cannot use the certificate '{}': {}", certificate_file, last_words()));
  }
  const std::string& key = key_file.empty() ? certificate_file : key_file;
  if (SSL_CTX_use_PrivateKey_file(context->context_, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context->context_) != 1) {
    return fail(ExitCode::tls, fmt::format("cannot use the key '{}' for the certificate '{}': {}", key,
                                           certificate_file, last_words()));
  }
  return context;
}

TlsServerContext::~TlsServerContext() { SSL_CTX_free(context_); }

TlsServerStream::TlsServerStream(BoundedStream& below, const TlsServerContext& context)
    : below_(below), ssl_(SSL_new(context.native())), incoming_(BIO_new(BIO_s_mem())), outgoing_(BIO_new(BIO_s_mem())) {
  if (ssl_ == nullptr || incoming_ == nullptr || outgoing_ == nullptr) throw std::bad_alloc();
  SSL_set_bio(ssl_, incoming_, outgoing_);
  SSL_set_accept_state(ssl_);
}

TlsServerStream::~TlsServerStream() { SSL_free(ssl_); }

bool TlsServerStream::flush() {
  std::array<char, step_size> buffer{};
  for (int taken = 0; (taken = BIO_read(outgoing_, buffer.data(), limited(buffer.size()))) > 0;) {
    if (below_.write(buffer.data(), static_cast<size_t>(taken)) != taken) return false;
  }
  return true;
}

bool TlsServerStream::fill() {
  std::array<char, step_size> buffer{};
  const ssize_t got = below_.read(buffer.data(), buffer.size());
  return got > 0 && BIO_write(incoming_, buffer.data(), limited(static_cast<size_t>(got))) == got;
}

template <typename Step>
int TlsServerStream::drive(Step step) {
  while (true) {
    ERR_clear_error();
    const int done = step();
    if (!flush()) return -1;
    if (done > 0) return done;
    if (SSL_get_error(ssl_, done) != SSL_ERROR_WANT_READ || !fill()) return -1;
  }
}

bool TlsServerStream::accept() {
  return drive([this] { return SSL_accept(ssl_); }) > 0;
}

void TlsServerStream::close() {
  SSL_shutdown(ssl_);
  (void)flush();
}

bool TlsServerStream::is_readable() const { return SSL_pending(ssl_) > 0 || below_.is_readable(); }

ssize_t TlsServerStream::read(char* to, size_t size) {
  return drive([&] { return SSL_read(ssl_, to, limited(size)); });
}

ssize_t TlsServerStream::write(const char* from, size_t size) {
  if (size == 0) return 0;
  return drive([&] { return SSL_write(ssl_, from, limited(size)); });
}

}  // namespace understudy
