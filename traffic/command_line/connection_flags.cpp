#include "traffic/command_line/connection_flags.hpp"

namespace understudy {

void define_connection_flags(OptionGroup& group, RawConnection& raw) {
  group.one("--proxy", raw.proxy, "URL",
            "CONNECT proxy: http://user:password@host:3128; else HTTPS_PROXY, HTTP_PROXY, NO_PROXY");
  group.one("--proxy-auth-file", raw.proxy_auth_file, "FILE", "Read the proxy's user:password from a file");
  group.flag("--no-environment-proxy", raw.no_environment_proxy, "Ignore HTTPS_PROXY and HTTP_PROXY");
  group.one("--ca-file", raw.ca_file, "FILE", "Trust these certificates (PEM) instead of the system's");
  group.one("--client-cert", raw.client_cert, "FILE", "Client certificate chain (PEM)");
  group.one("--client-key", raw.client_key, "FILE", "Its private key (PEM)");
  group.flag("--insecure", raw.insecure, "Do not verify certificates");
  group.one("--connect-timeout", raw.connect_timeout, "TIME", "For resolving, connecting, the proxy and TLS together");
}

}  // namespace understudy
