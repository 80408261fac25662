#include "traffic/recording/unpacked_input.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <utility>

#include "traffic/base/check.hpp"

namespace understudy {
namespace {

constexpr std::size_t read_size = std::size_t{64} << 10U;
constexpr std::size_t member_header_size = 10;  // RFC 1952 section 2.3
constexpr int gzip_window_bits = 15 + 16;       // zlib: the largest window, gzip framing

// The start of a member: magic, deflate, and no reserved flag.
bool is_member_start(std::string_view bytes) {
  return bytes.size() >= 4 && bytes[0] == '\x1f' && bytes[1] == '\x8b' && bytes[2] == '\x08' &&
         (static_cast<unsigned char>(bytes[3]) & 0xE0U) == 0;
}

}  // namespace

class UnpackedInput::Gzip {
 public:
  enum class State : std::uint8_t { between, inside };  // members

  Gzip() { CHECK(inflateInit2(&stream_, gzip_window_bits) == Z_OK); }
  ~Gzip() { inflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  void begin_member() {
    CHECK(inflateReset(&stream_) == Z_OK);
    state = State::inside;
    member_gave_bytes = false;
  }
  // Unpacks from the front of `packed`, and appends to `out`. Tells zlib's result, and takes what was used off.
  int step(std::string_view& packed, std::string& out) {
    const std::size_t before = out.size();
    out.resize(before + read_size);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream_.avail_in = static_cast<uInt>(packed.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream_.avail_out = static_cast<uInt>(read_size);
    const int result = inflate(&stream_, Z_NO_FLUSH);
    out.resize(before + read_size - stream_.avail_out);
    packed.remove_prefix(packed.size() - stream_.avail_in);
    member_gave_bytes = member_gave_bytes || out.size() != before;
    return result;
  }

  State state = State::between;
  bool member_gave_bytes = false;

 private:
  z_stream stream_{};
};

Result<std::unique_ptr<UnpackedInput>> UnpackedInput::open(const std::string& path) {
  auto bytes = open_byte_input(path);
  if (!bytes) return tl::unexpected(bytes.error());
  return std::make_unique<UnpackedInput>(std::move(*bytes), path == "-" ? "standard input" : path);
}

UnpackedInput::UnpackedInput(std::unique_ptr<ByteInput> bytes, std::string name)
    : bytes_(std::move(bytes)), name_(std::move(name)) {}

UnpackedInput::~UnpackedInput() = default;

Result<bool> UnpackedInput::fill(std::size_t wanted) {
  while (buffered().size() < wanted) {
    // Moving what is left costs no more than reading it did, because it is done only once half is consumed.
    if (consumed_ != 0 && consumed_ >= window_.size() / 2) {
      window_.erase(0, consumed_);
      consumed_ = 0;
    }
    auto more = read_some();
    if (!more || !*more) return more;
  }
  return true;
}

void UnpackedInput::consume(std::size_t count) {
  CHECK(count <= window_.size() - consumed_);
  consumed_ += count;
  position_ += count;
}

std::optional<RecordingDamage> UnpackedInput::take_damage() {
  if (damage_.empty()) return std::nullopt;
  RecordingDamage first = std::move(damage_.front());
  damage_.pop_front();
  return first;
}

void UnpackedInput::note_damage(std::string text, std::uint64_t length) {
  if (damage_.size() == RecordingReport::damages_kept_max) damage_.pop_front();
  damage_.push_back({name_, bytes_read_ - (packed_.size() - packed_at_), length, std::move(text)});
}

// Reads more packed bytes behind those that are left.
Result<bool> UnpackedInput::refill() {
  packed_.erase(0, packed_at_);
  packed_at_ = 0;
  if (at_end_) return false;
  const std::size_t before = packed_.size();
  packed_.resize(before + read_size);
  auto count = bytes_->read(packed_.data() + before, read_size);
  packed_.resize(before + count.value_or(0));
  if (!count) return tl::unexpected(count.error());
  bytes_read_ += *count;
  at_end_ = *count == 0;
  return !at_end_;
}

Result<bool> UnpackedInput::read_some() {
  while (!known_) {
    auto more = refill();
    if (!more) return more;
    known_ = packed_.size() >= member_header_size || at_end_;
    if (known_ && is_member_start(packed_)) gzip_ = std::make_unique<Gzip>();
  }
  if (gzip_ != nullptr) return read_packed();
  if (packed_at_ == packed_.size()) {
    auto more = refill();
    if (!more || !*more) return more;
  }
  window_.append(packed_, packed_at_);
  packed_at_ = packed_.size();
  return true;
}

Result<bool> UnpackedInput::read_packed() {
  const std::size_t before = window_.size();
  while (window_.size() == before) {
    std::string_view rest = std::string_view(packed_).substr(packed_at_);
    const std::size_t wanted = gzip_->state == Gzip::State::between ? member_header_size : 1;
    if (rest.size() < wanted && !at_end_) {
      auto more = refill();
      if (!more) return more;
      continue;
    }
    if (gzip_->state == Gzip::State::between) {
      const std::size_t padding = std::min(rest.find_first_not_of('\0'), rest.size());
      rest.remove_prefix(padding);
      packed_at_ += padding;
      if (!is_member_start(rest)) {
        if (rest.empty() && !at_end_) continue;
        const std::size_t garbage = rest.empty() ? 0 : std::min(rest.find('\x1f', 1), rest.size());
        packed_at_ += garbage;
        skipped_ += garbage;
        if (garbage != 0) continue;
        if (std::exchange(skipped_, 0) != 0) note_damage("bytes behind a gzip member that are none", 0);
        return false;
      }
      if (skipped_ != 0) note_damage("bytes that are no gzip member were passed over", std::exchange(skipped_, 0));
      gzip_->begin_member();
    }
    if (rest.empty() && at_end_) {
      note_damage("the gzip data ends early", 0);
      gzip_->state = Gzip::State::between;
      return false;
    }
    const int result = gzip_->step(rest, window_);
    packed_at_ = packed_.size() - rest.size();
    if (result == Z_STREAM_END) {
      gzip_->state = Gzip::State::between;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      note_damage("the gzip data is damaged", 0);
      gzip_->state = Gzip::State::between;
      skipped_ += 1;  // so that the same byte is not tried again as a start
      packed_at_ = std::min(packed_at_ + 1, packed_.size());
    }
  }
  return true;
}

}  // namespace understudy
