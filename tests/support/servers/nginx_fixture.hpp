// A real nginx on loopback, as the shadow of a test: answers 200 to everything, and writes down what it was asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/servers/process.hpp"

namespace understudy {

struct NginxOptions {
  std::string certificate_file = {};  // empty: plain http
  std::string key_file = {};
  std::string protocols = "TLSv1.2 TLSv1.3";
  std::string client_ca_file = {};     // not empty: clients must show a certificate of this CA
  std::string server_directives = {};  // more lines for the server block
};

class NginxFixture {
 public:
  explicit NginxFixture(NginxOptions options = {});

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Lines of its log, one for each request whose answer has arrived anywhere before the call, each "METHOD request-uri
  // host=HOST status=STATUS connection=N/M length=BYTES marker=VALUE forwarded=VALUE tls=VERSION/r-or-dot sni=NAME":
  // the Mth request on its Nth connection; a reused TLS session is "r".
  [[nodiscard]] std::vector<std::string> requests() const;
  // Takes SIGTERM; the port then refuses connections. start() takes the same port again.
  void stop() { process_.reset(); }
  void start();

 private:
  // Until every request that has been answered is in the log.
  void wait_until_logged() const;

  TemporaryFolder folder_;
  std::uint16_t port_;
  std::uint16_t barrier_port_;
  std::optional<ChildProcess> process_;
};

}  // namespace understudy
