#include "traffic/recording/jsonl_writer.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <iterator>

#include "traffic/base/json_text.hpp"
#include "traffic/base/time_text.hpp"
#include "traffic/recording/base64.hpp"

namespace understudy {
namespace {

constexpr std::size_t piece_size = std::size_t{64} << 10U;   // what the sink gets at a time, about
constexpr std::size_t base64_step = std::size_t{48} << 10U;  // body bytes encoded at a time: a multiple of 3

void append_time(std::string& out, WallTime time) {
  out += '"';
  append_rfc3339(out, time);
  out += '"';
}

}  // namespace

JsonlWriter::JsonlWriter(std::string_view instance)
    : instance_(instance.empty() ? std::string() : std::string(instance) + "-") {}

bool JsonlWriter::write(const RecordedExchange& exchange, ByteSink& sink) {
  text_.clear();
  text_ += "{\"session\":";
  append_json_string(text_, instance_ + std::to_string(exchange.session));
  fmt::format_to(std::back_inserter(text_),
                 ",\"client\":\"{}\",\"server\":\"{}\",\"time\":", exchange.client.to_string(),
                 exchange.server.to_string());
  append_time(text_, exchange.request.time);
  text_ += ",\"request\":{\"method\":";
  append_json_latin1(text_, exchange.request.method);
  text_ += ",\"target\":";
  append_json_latin1(text_, exchange.request.target);
  if (!write_message(exchange.request, sink)) return false;
  if (exchange.response) {
    text_ += ",\"response\":{\"time\":";
    append_time(text_, exchange.response->time);
    fmt::format_to(std::back_inserter(text_), ",\"status\":{},\"reason\":", exchange.response->status);
    append_json_latin1(text_, exchange.response->reason);
    if (!write_message(*exchange.response, sink)) return false;
  } else {
    text_ += ",\"response\":null";
  }
  text_ += exchange.complete ? ",\"complete\":true}\n" : ",\"complete\":false}\n";
  return flush(sink, 0);
}

// What requests and responses have in common, through the closing brace.
bool JsonlWriter::write_message(const RecordedMessage& message, ByteSink& sink) {
  fmt::format_to(std::back_inserter(text_), ",\"version\":\"{}.{}\"", message.version.major, message.version.minor);
  if (!write_headers(message, sink) || !write_body(message, sink)) return false;
  text_ += '}';
  return true;
}

bool JsonlWriter::write_headers(const RecordedMessage& message, ByteSink& sink) {
  text_ += ",\"headers\":[";
  bool first = true;
  for (const HeaderView& header : message.headers) {
    text_ += first ? "[" : ",[";
    first = false;
    append_json_latin1(text_, header.name);
    text_ += ',';
    append_json_latin1(text_, header.value);
    text_ += ']';
    if (!flush(sink, piece_size)) return false;
  }
  text_ += ']';
  return true;
}

bool JsonlWriter::write_body(const RecordedMessage& message, ByteSink& sink) {
  fmt::format_to(std::back_inserter(text_), ",\"body_length\":{}", message.body_length);
  if (!message.body_kept) {
    text_ += ",\"body_sha256\":null,\"body_base64\":null";
    return true;
  }
  text_ += ",\"body_sha256\":\"";
  digest_.append_hex(text_, message.body);
  text_ += "\",\"body_base64\":\"";
  std::array<char, 3> group{};  // bytes that wait until three are together
  std::size_t grouped = 0;
  for (std::string_view piece : message.body) {
    for (; grouped != 0 && grouped < 3 && !piece.empty(); piece.remove_prefix(1)) group[grouped++] = piece.front();
    if (grouped == 3) {
      append_base64(text_, {group.data(), 3});
      grouped = 0;
    }
    while (piece.size() >= 3) {
      const std::size_t step = std::min(piece.size() / 3 * 3, base64_step);
      append_base64(text_, piece.substr(0, step));
      piece.remove_prefix(step);
      if (!flush(sink, piece_size)) return false;
    }
    for (; !piece.empty(); piece.remove_prefix(1)) group[grouped++] = piece.front();
  }
  if (grouped != 0) append_base64(text_, {group.data(), grouped});
  text_ += '"';
  return true;
}

bool JsonlWriter::flush(ByteSink& sink, std::size_t threshold) {
  if (text_.size() < threshold) return true;
  const bool taken = sink.append(text_);
  text_.clear();
  return taken;
}

}  // namespace understudy
