#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "traffic/net/system_roots.hpp"

namespace understudy {

Result<void> trust_system_roots(ssl_ctx_st* context) {
  if (SSL_CTX_set_default_verify_paths(context) == 1) return {};
  const char* reason = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  return fail(ExitCode::tls, fmt::format("the system's certificates cannot be loaded: {}",
                                         reason != nullptr ? reason : "unknown error"));
}

}  // namespace understudy
