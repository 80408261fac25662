// TLS as a client: the settings of a target, and one session over a socket that does not block.
//
// Verification is on unless `insecure` is set: the chain against the system's store or `ca_file`, and the name or
// address in the certificate against the target's host (RFC 9525). TLS 1.2 and 1.3 only. Sessions are resumed: the
// context keeps the newest ticket of its target.
//
// OpenSSL is driven directly over a socket, without asio::ssl::stream: reads and writes are tried at once, and there is
// one record buffer (OpenSSL's own) instead of three.
#pragma once

#include <memory>
#include <string>

#include "traffic/base/error.hpp"

struct ssl_ctx_st;
struct ssl_session_st;

namespace understudy {

struct TlsOptions {
  std::string ca_file;           // PEM; empty: the system's store
  std::string certificate_file;  // PEM, with its chain; empty: no client certificate
  std::string key_file;          // PEM; empty: in certificate_file
  bool insecure = false;         // verify nothing; the caller warns
};

// The settings for one target, loaded. Used by one thread at a time.
class TlsContext {
 public:
  // Loads the files. `host` is what the certificate must be for, and is sent as SNI unless it is an address.
  // Errors are ExitCode::tls and name the file.
  [[nodiscard]] static Result<std::shared_ptr<TlsContext>> create(const TlsOptions& options, std::string host);

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  [[nodiscard]] ssl_ctx_st* native() const { return context_; }
  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] bool verifies() const { return verifies_; }

  // The newest session that the target gave, or null. Owned by the context.
  [[nodiscard]] ssl_session_st* session() const { return session_; }
  // Takes over one reference.
  void keep_session(ssl_session_st* session);

 private:
  TlsContext(ssl_ctx_st* context, std::string host, bool verifies);

  ssl_ctx_st* context_;
  ssl_session_st* session_ = nullptr;
  std::string host_;
  bool verifies_;
};

}  // namespace understudy
