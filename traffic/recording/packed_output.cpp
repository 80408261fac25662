#include "traffic/recording/packed_output.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <utility>

#include "traffic/base/check.hpp"

namespace understudy {
namespace {

constexpr std::size_t buffer_size = std::size_t{256} << 10U;

tl::unexpected<Error> failed(const std::string& path, SystemError error) {
  return fail(ExitCode::output_failed,
              fmt::format("cannot write {}: {}", path == "-" ? "standard output" : path, error.text()));
}

}  // namespace

class PackedOutput::Gzip {
 public:
  Gzip() {
    constexpr int window_bits = 15 + 16;  // gzip framing
    constexpr int memory_level = 8;
    CHECK(deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY) ==
          Z_OK);
  }
  ~Gzip() { deflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
};

Result<std::unique_ptr<PackedOutput>> PackedOutput::create(const std::string& path, bool gzip) {
  auto file = NativeFile::create(path);
  if (!file) return failed(path, file.error());
  return std::unique_ptr<PackedOutput>(new PackedOutput(*std::move(file), path, gzip));
}

PackedOutput::PackedOutput(NativeFile file, std::string path, bool gzip)
    : file_(std::move(file)), path_(std::move(path)), gzip_(gzip ? std::make_unique<Gzip>() : nullptr) {}

PackedOutput::~PackedOutput() = default;

bool PackedOutput::append(std::string_view bytes) {
  if (failure_) return false;
  if (buffer_.size() + bytes.size() < buffer_size) {
    buffer_.append(bytes);
    return true;
  }
  const bool written = pack(buffer_, false) && pack(bytes, false);
  buffer_.clear();
  return written;
}

Result<void> PackedOutput::finish() {
  if (!failure_) static_cast<void>(pack(buffer_, true));
  buffer_.clear();
  if (auto closed = file_.close(); !closed && !failure_) failure_ = closed.error();
  return status();
}

Result<void> PackedOutput::status() const {
  if (failure_) return failed(path_, *failure_);
  return {};
}

bool PackedOutput::pack(std::string_view bytes, bool last) {
  if (gzip_ == nullptr) return write_out(bytes);
  z_stream& stream = gzip_->stream();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::array<char, std::size_t{64} << 10U> packed{};
  do {
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = packed.size();
    CHECK(deflate(&stream, last ? Z_FINISH : Z_NO_FLUSH) != Z_STREAM_ERROR);
    if (!write_out({packed.data(), packed.size() - stream.avail_out})) return false;
  } while (stream.avail_out == 0);
  return true;
}

bool PackedOutput::write_out(std::string_view bytes) {
  if (auto written = file_.write(bytes); !written) failure_ = written.error();
  return !failure_;
}

}  // namespace understudy
