// SHA-256 (FIPS 180-4) of bytes in pieces, as hexadecimal text.
//
// Keeps its context between digests. Thread safety: one thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

struct evp_md_st;
struct evp_md_ctx_st;

namespace understudy {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  // Appends the digest of the pieces, 64 digits in lower case.
  void append_hex(std::string& out, std::span<const std::string_view> pieces);

 private:
  evp_md_st* algorithm_;
  evp_md_ctx_st* context_;
};

}  // namespace understudy
