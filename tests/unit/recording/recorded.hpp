// Recordings in memory and on disk, and what sources give of them.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/recording/exchange_source.hpp"
#include "traffic/recording/unpacked_input.hpp"

namespace understudy::test {

[[nodiscard]] inline std::unique_ptr<UnpackedInput> input_of(std::string text, std::string name = "test") {
  return std::make_unique<UnpackedInput>(memory_byte_input(std::move(text)), std::move(name));
}

// Everything that a source gives, in its order.
[[nodiscard]] inline std::vector<ExchangePtr> read_all(ExchangeSource& source) {
  std::vector<ExchangePtr> exchanges;
  while (true) {
    Result<ExchangePtr> exchange = source.next();
    if (!exchange) {
      ADD_FAILURE() << exchange.error().message;
      return exchanges;
    }
    if (*exchange == nullptr) return exchanges;
    exchanges.push_back(*exchange);
  }
}

// Head and body as they were on the wire.
[[nodiscard]] inline std::string wire_text(const HttpMessage& message) {
  std::string text(message.raw_head());
  for (const std::string_view slice : message.body().wire_slices()) text += slice;
  return text;
}

[[nodiscard]] inline std::vector<std::string> targets_of(const std::vector<ExchangePtr>& exchanges) {
  std::vector<std::string> targets;
  for (const ExchangePtr& exchange : exchanges) targets.emplace_back(exchange->request->message.target());
  return targets;
}

[[nodiscard]] inline std::int64_t nanoseconds(WallTime time) { return time.time_since_epoch().count(); }

// One gzip member.
[[nodiscard]] inline std::string gzip(std::string_view text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  return packed;
}

inline void write_file(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace understudy::test
