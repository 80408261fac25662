// Writes exchanges as JSON Lines: one object an exchange, each on a line of its own. docs/recording-jsonl.md describes
// the form to those who read it.
//
// What is written is borrowed views, so that a redactor can put other text in place of the captured without copying a
// message. The text goes to a ByteSink in pieces: a body of any size needs a buffer of fixed size only.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "traffic/base/clock.hpp"
#include "traffic/base/endpoint.hpp"
#include "traffic/http/message.hpp"
#include "traffic/recording/sha256.hpp"

namespace understudy {

struct HeaderView {
  std::string_view name;
  std::string_view value;
};

// One message as it is to be recorded. Everything is borrowed until write() returns.
struct RecordedMessage {
  std::string_view method;  // requests
  std::string_view target;  // requests
  int status = 0;           // responses
  std::string_view reason;  // responses
  HttpVersion version;
  WallTime time;  // packet time of the first byte
  std::span<const HeaderView> headers;
  std::uint64_t body_length = 0;           // of the content, without chunk framing
  bool body_kept = true;                   // false: only its length is known, digest and bytes are written as null
  std::span<const std::string_view> body;  // the content
};

struct RecordedExchange {
  std::uint64_t session = 0;
  Endpoint client;
  Endpoint server;
  RecordedMessage request;
  std::optional<RecordedMessage> response;
  bool complete = true;  // false: the response was cut by the end of the capture or of its connection
};

// Receives the text of one line in pieces. False: the piece could not be taken, and the line is given up.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  [[nodiscard]] virtual bool append(std::string_view bytes) = 0;
};

// Not thread safe: one for each writer thread. Keeps its buffers and its digest context between lines.
class JsonlWriter {
 public:
  // `instance` names this run of the agent. It goes in front of session numbers, which begin anew with each run, so
  // that sessions of several runs in one file stay apart. May be empty.
  explicit JsonlWriter(std::string_view instance);
  JsonlWriter(const JsonlWriter&) = delete;
  JsonlWriter& operator=(const JsonlWriter&) = delete;

  // Writes one line with its newline. False when the sink refused a piece; the sink then holds part of a line.
  [[nodiscard]] bool write(const RecordedExchange& exchange, ByteSink& sink);

 private:
  [[nodiscard]] bool write_message(const RecordedMessage& message, ByteSink& sink);
  [[nodiscard]] bool write_headers(const RecordedMessage& message, ByteSink& sink);
  [[nodiscard]] bool write_body(const RecordedMessage& message, ByteSink& sink);
  // Hands text_ to the sink when it is at least `threshold` long.
  [[nodiscard]] bool flush(ByteSink& sink, std::size_t threshold);

  const std::string instance_;
  std::string text_;  // of the line in progress, not yet handed on
  Sha256 digest_;
};

}  // namespace understudy
