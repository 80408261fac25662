#include "traffic/rules/content_coding.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "traffic/base/check.hpp"
#include "traffic/http/byte_scan.hpp"

namespace understudy {
namespace {

constexpr std::size_t step = std::size_t{64} << 10U;
constexpr int gzip_window = 15 + 16;  // zlib: 16 more asks for the gzip format
constexpr int zlib_window = 15;
constexpr int memory_level = 8;  // zlib's default

int window_of(ContentCoding coding) {
  CHECK(coding == ContentCoding::gzip || coding == ContentCoding::deflate);
  return coding == ContentCoding::gzip ? gzip_window : zlib_window;
}

Bytef* as_input(std::string_view bytes) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));  // zlib reads it only
}

// Gives the stream room at the end of `out`, and tells how much.
uInt add_room(z_stream& stream, std::string& out) {
  const std::size_t used = out.size();
  out.resize(used + step);
  stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
  stream.avail_out = static_cast<uInt>(step);
  return stream.avail_out;
}

}  // namespace

ContentCoding content_coding_of(const HttpMessage& message) {
  ContentCoding coding = ContentCoding::identity;
  for (const FieldLine& field : message.fields()) {
    const std::string_view value = message.value(field);
    if (!equals_ignoring_case(message.name(field), "content-encoding") || value.empty()) continue;
    if (equals_ignoring_case(value, "identity")) continue;
    if (coding != ContentCoding::identity) return ContentCoding::other;
    if (equals_ignoring_case(value, "gzip") || equals_ignoring_case(value, "x-gzip")) {
      coding = ContentCoding::gzip;
    } else {
      coding = equals_ignoring_case(value, "deflate") ? ContentCoding::deflate : ContentCoding::other;
    }
  }
  return coding;
}

std::optional<std::string> decode_content(ContentCoding coding, std::string_view encoded) {
  if (encoded.size() > std::numeric_limits<uInt>::max()) return std::nullopt;
  z_stream stream{};
  CHECK(inflateInit2(&stream, window_of(coding)) == Z_OK);
  stream.next_in = as_input(encoded);
  stream.avail_in = static_cast<uInt>(encoded.size());
  std::string content;
  int status = Z_OK;
  while (status == Z_OK && content.size() <= decoded_size_max) {
    const uInt room = add_room(stream, content);
    const uInt waiting = stream.avail_in;
    status = inflate(&stream, Z_NO_FLUSH);
    const uInt produced = room - stream.avail_out;
    content.resize(content.size() - stream.avail_out);
    if (status == Z_STREAM_END && stream.avail_in != 0) {
      status = inflateReset(&stream);  // another member follows (RFC 1952 section 2.2)
    } else if (status == Z_OK && produced == 0 && stream.avail_in == waiting) {
      status = Z_BUF_ERROR;  // cut
    }
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END || content.size() > decoded_size_max) return std::nullopt;
  return content;
}

std::string encode_content(ContentCoding coding, std::string_view content) {
  z_stream stream{};
  CHECK(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_of(coding), memory_level, Z_DEFAULT_STRATEGY) == Z_OK);
  stream.next_in = as_input(content);
  CHECK(content.size() <= std::numeric_limits<uInt>::max());
  stream.avail_in = static_cast<uInt>(content.size());
  std::string encoded;
  int status = Z_OK;
  while (status == Z_OK) {
    static_cast<void>(add_room(stream, encoded));
    status = deflate(&stream, Z_FINISH);
    encoded.resize(encoded.size() - stream.avail_out);
  }
  CHECK(status == Z_STREAM_END);
  deflateEnd(&stream);
  return encoded;
}

}  // namespace understudy
