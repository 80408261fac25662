#include "traffic/rules/marker.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstddef>

#include "traffic/base/bytes.hpp"
#include "traffic/base/check.hpp"
#include "traffic/rules/query.hpp"

namespace understudy {
namespace {

constexpr std::size_t digest_bytes_shown = 8;

}  // namespace

std::string Marker::text(std::string_view value) const {
  if (key_.empty()) return "[redacted]";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  const ByteView bytes = as_bytes(value);
  const unsigned char* done = HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), bytes.data(), bytes.size(),
                                   digest.data(), &length);
  CHECK(done != nullptr && length >= digest_bytes_shown);
  std::string text = "[redacted:";
  for (std::size_t i = 0; i < digest_bytes_shown; ++i) text += fmt::format("{:02x}", digest[i]);
  return text + "]";
}

std::string Marker::encoded(std::string_view value) const {
  std::string out;
  append_encoded(out, text(value));
  return out;
}

bool is_marker(std::string_view text) {
  constexpr std::string_view beginning = "[redacted";
  if (!text.starts_with(beginning) || !text.ends_with(']')) return false;
  text = text.substr(beginning.size(), text.size() - beginning.size() - 1);
  return text.empty() || (text.starts_with(':') && text.size() == 1 + 2 * digest_bytes_shown &&
                          text.find_first_not_of("0123456789abcdef", 1) == std::string_view::npos);
}

}  // namespace understudy
