#include "traffic/recording/take_packer.hpp"

#include <zstd.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <random>

#include "traffic/base/check.hpp"

namespace understudy {
namespace {

// Smaller payloads gain nothing worth the work.
constexpr std::size_t compress_min = 64;

std::string_view bound_part(const TakeHeaderBytes& header) {
  return std::string_view(header.data(), header.size()).substr(take_bound_begin, take_bound_end - take_bound_begin);
}

std::uint32_t random_mask() {
  std::random_device random;
  std::uint32_t mask = 0;
  while (mask == 0) mask = static_cast<std::uint32_t>(random());
  return mask;
}

}  // namespace

struct TakePacker::Impl {
  Impl(int compression_level, const TakeKey* key) : context(ZSTD_createCCtx()) {
    CHECK(context != nullptr);
    const std::size_t set = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel,
                                                   std::clamp(compression_level, ZSTD_minCLevel(), ZSTD_maxCLevel()));
    CHECK(ZSTD_isError(set) == 0);
    if (key != nullptr) cipher.emplace(*key);
  }
  ~Impl() { ZSTD_freeCCtx(context); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // The payload compressed, or nothing when that does not make it smaller.
  std::optional<std::string_view> compress(std::string_view payload) {
    if (payload.size() < compress_min) return std::nullopt;
    const std::size_t bound = ZSTD_compressBound(payload.size());
    if (compressed.size() < bound) compressed.resize(bound);
    const std::size_t size =
        ZSTD_compress2(context, compressed.data(), compressed.size(), payload.data(), payload.size());
    if (ZSTD_isError(size) != 0 || size >= payload.size()) return std::nullopt;
    return std::string_view(compressed).substr(0, size);
  }

  ZSTD_CCtx* context;
  std::optional<TakeCipher> cipher;
  std::string compressed;
};

TakePacker::TakePacker(int compression_level, const TakeKey* key)
    : impl_(std::make_unique<Impl>(compression_level, key)) {}
TakePacker::~TakePacker() = default;

void TakePacker::pack(TakeHeader header, std::string_view payload, std::uint32_t counter, std::string& out) {
  CHECK(payload.size() <= take_payload_max);
  const bool is_sealed = impl_->cipher && header.kind != TakeBlockKind::segment;
  header.flags = static_cast<std::uint16_t>(header.flags & (take_flag::more | take_flag::continued));
  header.unpacked = static_cast<std::uint32_t>(payload.size());
  if (const auto compressed = impl_->compress(payload)) {
    payload = *compressed;
    header.flags |= take_flag::compressed;
  }
  if (is_sealed) header.flags |= take_flag::encrypted;
  header.packed =
      static_cast<std::uint32_t>(payload.size() + (is_sealed ? take_counter_size + take_tag_size : std::size_t{0}));

  const std::size_t begin = out.size();
  out.resize(begin + take_header_size);
  if (is_sealed) {
    impl_->cipher->seal(header.segment, counter, bound_part(encode_take_header(header)), payload, out);
  } else {
    out.append(payload);
  }
  char* const stored = out.data() + begin + take_header_size;
  const std::string_view written(stored, header.packed);
  // A marker inside a payload would be taken for a block by a reader that looks for the next one behind damage.
  header.mask = 0;
  while (written.find(take_marker) != std::string_view::npos) {
    apply_take_mask(header.mask, stored, written.size());
    header.mask = random_mask();
    apply_take_mask(header.mask, stored, written.size());
  }
  header.payload_crc = take_checksum(written);
  const TakeHeaderBytes bytes = encode_take_header(header);
  std::copy(bytes.begin(), bytes.end(), out.begin() + static_cast<std::ptrdiff_t>(begin));
}

struct TakeUnpacker::Impl {
  explicit Impl(const TakeKey* key) : context(ZSTD_createDCtx()) {
    CHECK(context != nullptr);
    if (key != nullptr) cipher.emplace(*key);
  }
  ~Impl() { ZSTD_freeDCtx(context); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ZSTD_DCtx* context;
  std::optional<TakeCipher> cipher;
  std::string unmasked;
  std::string opened;
  std::string plain;
  std::string_view payload;
};

TakeUnpacker::TakeUnpacker(const TakeKey* key) : impl_(std::make_unique<Impl>(key)) {}
TakeUnpacker::~TakeUnpacker() = default;

std::string_view TakeUnpacker::payload() const { return impl_->payload; }

TakeUnpacked TakeUnpacker::unpack(const TakeHeader& header, std::string_view stored) {
  impl_->payload = {};
  if (stored.size() != header.packed || take_checksum(stored) != header.payload_crc) return TakeUnpacked::checksum;
  if (header.mask != 0) {
    impl_->unmasked = stored;
    apply_take_mask(header.mask, impl_->unmasked.data(), impl_->unmasked.size());
    stored = impl_->unmasked;
  }
  if (header.has(take_flag::encrypted)) {
    if (!impl_->cipher) return TakeUnpacked::sealed;
    const TakeHeaderBytes bytes = encode_take_header(header);
    if (!impl_->cipher->open(header.segment, bound_part(bytes), stored, impl_->opened)) {
      return TakeUnpacked::not_openable;
    }
    stored = impl_->opened;
  }
  if (header.unpacked > take_payload_max) return TakeUnpacked::malformed;
  std::string& plain = impl_->plain;
  if (plain.size() < header.unpacked) plain.resize(header.unpacked);
  if (header.has(take_flag::compressed)) {
    const std::size_t size =
        ZSTD_decompressDCtx(impl_->context, plain.data(), header.unpacked, stored.data(), stored.size());
    if (size != header.unpacked) return TakeUnpacked::malformed;  // an error code is no such size
  } else {
    if (stored.size() != header.unpacked) return TakeUnpacked::malformed;
    std::copy(stored.begin(), stored.end(), plain.begin());
  }
  impl_->payload = std::string_view(plain).substr(0, header.unpacked);
  return TakeUnpacked::good;
}

}  // namespace understudy
