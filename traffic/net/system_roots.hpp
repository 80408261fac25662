// The certificates that the operating system trusts. One source file per platform.
#pragma once

#include "traffic/base/error.hpp"

struct ssl_ctx_st;

namespace understudy {

// Makes the context trust them. On POSIX systems these are OpenSSL's default file and folder; on Windows the store ROOT
// of this account and of the machine (CertOpenSystemStore). Windows fetches some public roots only when a program of
// its own first meets them: a root that is not in the store yet is not trusted. ExitCode::tls where none can be loaded.
[[nodiscard]] Result<void> trust_system_roots(ssl_ctx_st* context);

}  // namespace understudy
