// The flags of the way to a server: proxy, certificates, time to connect. Every command that connects has them.
#pragma once

#include <string>

#include "traffic/command_line/option_group.hpp"
#include "traffic/command_line/validation.hpp"
#include "traffic/net/tls.hpp"

namespace understudy {

// As the user wrote it; each field is a flag of the same name.
struct RawConnection {
  std::string proxy;
  std::string proxy_auth_file;
  bool no_environment_proxy = false;
  std::string ca_file;
  std::string client_cert;
  std::string client_key;
  bool insecure = false;
  std::string connect_timeout = "5s";

  [[nodiscard]] ProxyChoice proxy_choice() const { return {proxy, proxy_auth_file, no_environment_proxy}; }
  [[nodiscard]] TlsOptions tls_options() const { return {ca_file, client_cert, client_key, insecure}; }
};

// `raw` outlives the group's command.
void define_connection_flags(OptionGroup& group, RawConnection& raw);

}  // namespace understudy
