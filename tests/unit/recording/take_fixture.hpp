// Recordings for the tests of the `.take` format.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/files.hpp"
#include "tests/support/messages.hpp"
#include "traffic/recording/jsonl_writer.hpp"
#include "traffic/recording/take_capture_view.hpp"
#include "traffic/recording/take_encoder.hpp"
#include "traffic/recording/take_reader.hpp"
#include "traffic/recording/take_writer.hpp"

namespace understudy::test {

class StringSink final : public ByteSink {
 public:
  std::string text;

  [[nodiscard]] bool append(std::string_view bytes) override {
    text += bytes;
    return true;
  }
};

inline void write_file(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::remove(path);  // a new file: file systems sync what is truncated and written again
  std::ofstream file(path, std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
}

// A GET at `milliseconds` after an hour of 2026, answered with 200 and a small body.
inline ExchangePtr get_at(std::int64_t milliseconds, const std::string& target, SessionId session = 7) {
  auto request = capture_get(target);
  request->session = session;
  request->first_byte += std::chrono::milliseconds(milliseconds);
  request->last_byte = request->first_byte;
  return make_exchange(request, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
}

// All that a test wants to know of a recording that was read.
struct ReadBack {
  std::vector<ExchangePtr> exchanges;
  RecordingReport report;
  std::string error;  // empty: it was read to its end

  [[nodiscard]] std::vector<std::string> targets() const {
    std::vector<std::string> targets;
    for (const ExchangePtr& exchange : exchanges) targets.emplace_back(exchange->request->message.target());
    return targets;
  }
  // Damage, as one text.
  [[nodiscard]] std::string damage() const {
    std::string text;
    for (const RecordingDamage& damage : report.damage) text += damage.text + "; ";
    return text;
  }
};

inline ReadBack read_back(const std::string& path, const TakeReadOptions& options = {}) {
  ReadBack result;
  auto source = open_take(path, options);
  if (!source) {
    EXPECT_EQ(source.error().code, ExitCode::recording_unreadable);
    result.error = source.error().message;
    return result;
  }
  while (true) {
    auto exchange = (*source)->next();
    if (!exchange) result.error = exchange.error().message;
    if (!exchange || *exchange == nullptr) break;
    result.exchanges.push_back(std::move(*exchange));
  }
  result.report = (*source)->report();
  return result;
}

// The same content through a pipe.
inline ReadBack read_back_piped(const std::string& content, const TakeReadOptions& options = {}) {
  int ends[2] = {-1, -1};
  EXPECT_EQ(::pipe(ends), 0);
  std::thread writer([&content, end = ends[1]] {
    for (std::size_t at = 0; at < content.size();) {
      const ssize_t count = ::write(end, content.data() + at, content.size() - at);
      if (count <= 0) break;
      at += static_cast<std::size_t>(count);
    }
    ::close(end);
  });
  const ReadBack back = read_back("/dev/fd/" + std::to_string(ends[0]), options);
  ::close(ends[0]);  // a writer whose reader has given up ends too
  writer.join();
  return back;
}

// The bytes of a segment with these exchanges and a certificate that says nothing was lost.
inline std::string segment_of(const std::vector<ExchangePtr>& exchanges, TakeEncoderOptions options = {}) {
  TakeEncoder encoder(std::move(options));
  StringSink sink;
  TakeCaptureView view;
  for (const ExchangePtr& exchange : exchanges) EXPECT_TRUE(encoder.add(view.of(*exchange), sink));
  TakeLedger ledger;
  ledger.capture.seen = ledger.capture.delivered = exchanges.size();
  ledger.recording.seen = ledger.recording.delivered = exchanges.size();
  EXPECT_TRUE(encoder.finish(&ledger, nullptr, sink));
  return sink.text;
}

inline void expect_equal(const HttpMessage& actual, const HttpMessage& expected) {
  EXPECT_EQ(actual.raw_head(), expected.raw_head());
  EXPECT_EQ(actual.method(), expected.method());
  EXPECT_EQ(actual.target(), expected.target());
  EXPECT_EQ(actual.status(), expected.status());
  EXPECT_EQ(actual.framing(), expected.framing());
  EXPECT_EQ(actual.persistent(), expected.persistent());
  EXPECT_EQ(actual.fields().size(), expected.fields().size());
  EXPECT_EQ(actual.body().is_kept(), expected.body().is_kept());
  EXPECT_EQ(actual.body().wire_size(), expected.body().wire_size());
  EXPECT_EQ(actual.body().content_size(), expected.body().content_size());
  EXPECT_EQ(actual.body().content(), expected.body().content());
}

inline void expect_equal(const Exchange& actual, const Exchange& expected) {
  EXPECT_EQ(actual.request->session, expected.request->session);
  EXPECT_EQ(actual.request->index_in_session, expected.request->index_in_session);
  EXPECT_EQ(actual.request->client, expected.request->client);
  EXPECT_EQ(actual.request->server, expected.request->server);
  EXPECT_EQ(actual.request->first_byte, expected.request->first_byte);
  EXPECT_EQ(actual.request->last_byte, expected.request->last_byte);
  expect_equal(actual.request->message, expected.request->message);
  ASSERT_EQ(actual.response.has_value(), expected.response.has_value());
  if (!expected.response) return;
  EXPECT_EQ(actual.response->first_byte, expected.response->first_byte);
  EXPECT_EQ(actual.response->last_byte, expected.response->last_byte);
  EXPECT_EQ(actual.response->complete, expected.response->complete);
  expect_equal(actual.response->message, expected.response->message);
}

}  // namespace understudy::test
