#include "traffic/recording/take_key.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include "traffic/base/bytes.hpp"
#include "traffic/base/check.hpp"
#include "traffic/recording/take_bytes.hpp"
#include "traffic/recording/take_format.hpp"

namespace understudy {
namespace {

constexpr std::size_t key_size = 32;
constexpr std::size_t nonce_size = 12;
constexpr std::string_view check_text = "understudy take key check";

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

std::optional<std::array<std::uint8_t, key_size>> key_of(std::string_view content) {
  std::array<std::uint8_t, key_size> key{};
  if (content.size() == key_size) {
    std::copy(content.begin(), content.end(), key.begin());
    return key;
  }
  while (!content.empty() && (content.back() == '\n' || content.back() == '\r')) content.remove_suffix(1);
  if (content.size() != 2 * key_size) return std::nullopt;
  for (std::size_t i = 0; i < key_size; ++i) {
    const int high = hex_value(content[2 * i]);
    const int low = hex_value(content[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    key[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return key;
}

const unsigned char* data_of(std::string_view bytes) { return as_bytes(bytes).data(); }
int length_of(std::string_view bytes) { return static_cast<int>(bytes.size()); }

std::array<unsigned char, nonce_size> nonce_of(std::uint64_t segment, std::uint32_t counter) {
  std::array<unsigned char, nonce_size> nonce{};
  store_le(store_le(reinterpret_cast<char*>(nonce.data()), segment), counter);
  return nonce;
}

}  // namespace

Result<TakeKey> TakeKey::load(const std::string& path, ExitCode code) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return fail(code, fmt::format("cannot read the key file '{}': {}. Check its name and rights", path,
                                  std::generic_category().message(errno)));
  }
  std::string content(4 * key_size, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(file.gcount()));
  const auto key = key_of(content);
  if (!key) {
    return fail(code, fmt::format("the key file '{}' must hold 32 bytes, or 64 hexadecimal digits; make one with: "
                                  "openssl rand -hex 32",
                                  path));
  }
  return TakeKey(*key);
}

std::string TakeKey::check_value(std::uint64_t segment) const {
  std::string text(check_text);
  text.resize(check_text.size() + sizeof segment);
  store_le(text.data() + check_text.size(), segment);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  CHECK(HMAC(EVP_sha256(), bytes_.data(), key_size, data_of(text), text.size(), digest.data(), &length) != nullptr);
  std::string value;
  for (std::size_t i = 0; i < 8; ++i) value += fmt::format("{:02x}", digest[i]);
  return value;
}

struct TakeCipher::Context {
  explicit Context(const TakeKey& with) : key(with) {}
  ~Context() { EVP_CIPHER_CTX_free(cipher); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  TakeKey key;
  EVP_CIPHER_CTX* cipher = EVP_CIPHER_CTX_new();
};

TakeCipher::TakeCipher(const TakeKey& key) : context_(std::make_unique<Context>(key)) {
  CHECK(context_->cipher != nullptr);
}
TakeCipher::~TakeCipher() = default;

void TakeCipher::seal(std::uint64_t segment, std::uint32_t counter, std::string_view bound, std::string_view plain,
                      std::string& out) {
  EVP_CIPHER_CTX* const cipher = context_->cipher;
  const auto nonce = nonce_of(segment, counter);
  const std::size_t begin = out.size();
  out.resize(begin + take_counter_size + plain.size() + take_tag_size);
  auto* to = reinterpret_cast<unsigned char*>(store_le(out.data() + begin, counter));
  int length = 0;
  CHECK(EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), nullptr, context_->key.bytes().data(), nonce.data()) == 1);
  CHECK(EVP_EncryptUpdate(cipher, nullptr, &length, data_of(bound), length_of(bound)) == 1);
  CHECK(EVP_EncryptUpdate(cipher, to, &length, data_of(plain), length_of(plain)) == 1);
  to += length;
  CHECK(EVP_EncryptFinal_ex(cipher, to, &length) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, take_tag_size, to) == 1);
}

bool TakeCipher::open(std::uint64_t segment, std::string_view bound, std::string_view sealed, std::string& out) {
  if (sealed.size() < take_counter_size + take_tag_size) return false;
  EVP_CIPHER_CTX* const cipher = context_->cipher;
  const auto nonce = nonce_of(segment, load_le<std::uint32_t>(sealed.data()));
  const std::string_view text = sealed.substr(take_counter_size, sealed.size() - take_counter_size - take_tag_size);
  std::string tag(sealed.substr(sealed.size() - take_tag_size));
  out.resize(text.size());
  auto* const to = reinterpret_cast<unsigned char*>(out.data());
  int length = 0;
  return EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), nullptr, context_->key.bytes().data(), nonce.data()) == 1 &&
         EVP_DecryptUpdate(cipher, nullptr, &length, data_of(bound), length_of(bound)) == 1 &&
         EVP_DecryptUpdate(cipher, to, &length, data_of(text), length_of(text)) == 1 &&
         EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, take_tag_size, tag.data()) == 1 &&
         EVP_DecryptFinal_ex(cipher, to + length, &length) == 1;
}

}  // namespace understudy
