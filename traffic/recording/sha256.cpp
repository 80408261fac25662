#include "traffic/recording/sha256.hpp"

#include <openssl/evp.h>

#include <array>

#include "traffic/base/check.hpp"

namespace understudy {

Sha256::Sha256() : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
  CHECK(algorithm_ != nullptr && context_ != nullptr);
}

Sha256::~Sha256() {
  EVP_MD_CTX_free(context_);
  EVP_MD_free(algorithm_);
}

void Sha256::append_hex(std::string& out, std::span<const std::string_view> pieces) {
  CHECK(EVP_DigestInit_ex2(context_, algorithm_, nullptr) == 1);
  for (const std::string_view piece : pieces) CHECK(EVP_DigestUpdate(context_, piece.data(), piece.size()) == 1);
  std::array<unsigned char, 32> digest{};
  unsigned length = 0;
  CHECK(EVP_DigestFinal_ex(context_, digest.data(), &length) == 1 && length == digest.size());
  constexpr std::string_view digits = "0123456789abcdef";
  for (const unsigned char byte : digest) {
    out += digits[byte >> 4U];
    out += digits[byte & 0xFU];
  }
}

}  // namespace understudy
