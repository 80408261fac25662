// TLS as a server over a bounded stream: the stream's deadlines and limits hold for the handshake, too.
//
// TLS 1.2 and 1.3. OpenSSL works on memory; this class carries the bytes. Thread safety: one thread.
#pragma once

#include <httplib.h>

#include <memory>
#include <string>

#include "traffic/base/error.hpp"
#include "traffic/observe/bounded_stream.hpp"

namespace understudy {

// A server's certificate and key, loaded.
class TlsServerContext {
 public:
  // PEM files; without a key file the key is in the certificate's. ExitCode::tls, with the file.
  [[nodiscard]] static Result<std::unique_ptr<TlsServerContext>> load(const std::string& certificate_file,
                                                                      const std::string& key_file);
  ~TlsServerContext();
  TlsServerContext(const TlsServerContext&) = delete;
  TlsServerContext& operator=(const TlsServerContext&) = delete;

  [[nodiscard]] SSL_CTX* native() const { return context_; }

 private:
  explicit TlsServerContext(SSL_CTX* context) : context_(context) {}
  SSL_CTX* context_;  // owned
};

class TlsServerStream final : public httplib::Stream {
 public:
  // Both outlive it.
  TlsServerStream(BoundedStream& below, const TlsServerContext& context);
  ~TlsServerStream() override;
  TlsServerStream(const TlsServerStream&) = delete;
  TlsServerStream& operator=(const TlsServerStream&) = delete;

  // False: the client does not speak TLS, or not in time.
  [[nodiscard]] bool accept();
  // Tells the client that nothing more comes.
  void close();

  [[nodiscard]] bool is_readable() const override;
  [[nodiscard]] bool is_writable() const override { return below_.is_writable(); }
  ssize_t read(char* to, size_t size) override;
  ssize_t write(const char* from, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override { below_.get_remote_ip_and_port(ip, port); }
  void get_local_ip_and_port(std::string& ip, int& port) const override { below_.get_local_ip_and_port(ip, port); }
  [[nodiscard]] socket_t socket() const override { return below_.socket(); }

 private:
  // Writes what OpenSSL wants to send. False: the connection is gone.
  [[nodiscard]] bool flush();
  // Reads what has come for OpenSSL. False: nothing more comes.
  [[nodiscard]] bool fill();
  // Carries bytes until `step` is done; its result, or -1.
  template <typename Step>
  [[nodiscard]] int drive(Step step);

  BoundedStream& below_;
  SSL* ssl_;  // owns the two below
  BIO* incoming_;
  BIO* outgoing_;
};

}  // namespace understudy
