#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include "traffic/base/check.hpp"
#include "traffic/recording/packed_output.hpp"

namespace understudy {
namespace {

constexpr std::size_t buffer_size = std::size_t{256} << 10U;
constexpr mode_t file_mode = 0640;

tl::unexpected<Error> failed(const std::string& path, int error_number) {
  return fail(ExitCode::output_failed, fmt::format("cannot write {}: {}", path == "-" ? "standard output" : path,
                                                   std::generic_category().message(error_number)));
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
  // A file over the process's size limit shall be an error of write(), not the end of the program.
  static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));
  constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY;
  const int descriptor = path == "-" ? STDOUT_FILENO : ::open(path.c_str(), flags, file_mode);
  if (descriptor < 0) return failed(path, errno);
  return std::unique_ptr<PackedOutput>(new PackedOutput(descriptor, path, gzip));
}

PackedOutput::PackedOutput(int descriptor, std::string path, bool gzip)
    : descriptor_(descriptor), path_(std::move(path)), gzip_(gzip ? std::make_unique<Gzip>() : nullptr) {}

PackedOutput::~PackedOutput() {
  if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
}

bool PackedOutput::append(std::string_view bytes) {
  if (error_number_ != 0) return false;
  if (buffer_.size() + bytes.size() < buffer_size) {
    buffer_.append(bytes);
    return true;
  }
  const bool written = pack(buffer_, false) && pack(bytes, false);
  buffer_.clear();
  return written;
}

Result<void> PackedOutput::finish() {
  if (error_number_ == 0) static_cast<void>(pack(buffer_, true));
  buffer_.clear();
  if (descriptor_ > STDERR_FILENO && ::close(descriptor_) != 0 && error_number_ == 0) error_number_ = errno;
  descriptor_ = -1;
  return status();
}

Result<void> PackedOutput::status() const {
  if (error_number_ != 0) return failed(path_, error_number_);
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
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0) {
      if (errno == EINTR) continue;
      error_number_ = errno;
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace understudy
