#include "traffic/recording/jsonl_reader.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <utility>

#include "traffic/base/time_text.hpp"
#include "traffic/recording/base64.hpp"
#include "traffic/recording/json_input.hpp"
#include "traffic/recording/line_input.hpp"
#include "traffic/recording/message_assembler.hpp"
#include "traffic/recording/report_counter.hpp"
#include "traffic/recording/session_names.hpp"
#include "traffic/recording/sha256.hpp"

namespace understudy {
namespace {

namespace json = boost::json;

tl::unexpected<Error> refused(std::string text) { return fail(ExitCode::recording_unreadable, std::move(text)); }

Result<std::string> read_bytes(const json::object& object, std::string_view name) {
  const auto text = find_string(object, name);
  if (!text) return refused(fmt::format("no text '{}'", name));
  auto bytes = latin1_bytes(*text);
  if (!bytes) return refused(fmt::format("'{}' has a character that stands for no byte", name));
  return std::move(*bytes);
}

Result<WallTime> read_time(const json::object& object) {
  const auto text = find_string(object, "time");
  const auto time = text ? parse_rfc3339(*text) : std::nullopt;
  if (!time) return refused("no time in the form of RFC 3339");
  return *time;
}

Result<void> read_headers(const json::object& object, MessageParts& parts) {
  const json::array* headers = find_array(object, "headers");
  if (headers == nullptr) return refused("no array 'headers'");
  for (const json::value& header : *headers) {
    const json::array* pair = header.if_array();
    if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_string() || !(*pair)[1].is_string()) {
      return refused("a header that is no pair of texts");
    }
    auto name = latin1_bytes((*pair)[0].get_string());
    auto value = latin1_bytes((*pair)[1].get_string());
    if (!name || !value) return refused("a header with a character that stands for no byte");
    parts.fields.push_back({std::move(*name), std::move(*value)});
  }
  return {};
}

// One line's object, taken apart.
class LineParser {
 public:
  Result<ExchangePtr> parse(const json::object& line);
  // Whether the line of the last call told its session.
  [[nodiscard]] bool has_session() const { return has_session_; }

 private:
  Result<MessageParts> read_message(const json::object& object);
  Result<void> read_body(const json::object& object, MessageParts& parts);
  Result<CapturedResponse> read_response(const json::object& object, const HttpMessage& request, bool complete);

  MessageAssembler assembler_;
  Sha256 digest_;
  bool has_session_ = false;
};

Result<void> LineParser::read_body(const json::object& object, MessageParts& parts) {
  const auto length = find_integer(object, "body_length");
  if (length && *length < 0) return refused("a negative 'body_length'");
  const auto encoded = find_string(object, "body_base64");
  if (!encoded) {
    parts.content_size = static_cast<std::uint64_t>(length.value_or(0));
    if (parts.content_size == 0) parts.content.emplace();
    return {};
  }
  parts.content = decode_base64(*encoded);
  if (!parts.content) return refused("'body_base64' is not base64");
  if (length && static_cast<std::uint64_t>(*length) != parts.content->size()) {
    return refused(fmt::format("a body of {} bytes, where 'body_length' says {}", parts.content->size(), *length));
  }
  if (const auto expected = find_string(object, "body_sha256")) {
    std::string actual;
    const std::array<std::string_view, 1> pieces{*parts.content};
    digest_.append_hex(actual, pieces);
    if (actual != *expected) return refused("a body whose SHA-256 is not 'body_sha256'");
  }
  return {};
}

Result<MessageParts> LineParser::read_message(const json::object& object) {
  MessageParts parts;
  const std::string_view version = find_string(object, "version").value_or("1.1");
  if (version.size() != 3 || version[0] != '1' || version[1] != '.' || version[2] < '0' || version[2] > '9') {
    return refused("a 'version' that is not 1.0 or 1.1");
  }
  parts.version.minor = static_cast<std::uint8_t>(version[2] - '0');
  if (auto read = read_headers(object, parts); !read) return tl::unexpected(read.error());
  if (auto read = read_body(object, parts); !read) return tl::unexpected(read.error());
  return parts;
}

Result<CapturedResponse> LineParser::read_response(const json::object& object, const HttpMessage& request,
                                                   bool complete) {
  auto parts = read_message(object);
  const auto time = read_time(object);
  const auto status = find_integer(object, "status");
  auto reason = read_bytes(object, "reason");
  if (!parts) return tl::unexpected(parts.error());
  if (!time) return tl::unexpected(time.error());
  if (!reason) return tl::unexpected(reason.error());
  if (!status || *status < 100 || *status > 999) return refused("no 'status' of three digits");
  parts->status = static_cast<int>(*status);
  parts->reason = std::move(*reason);
  auto message = assembler_.response(*parts, answers_to(request), complete);
  if (!message) return tl::unexpected(message.error());
  CapturedResponse response;
  response.first_byte = *time;
  response.last_byte = *time;
  response.message = std::move(*message);
  response.complete = complete;
  return response;
}

Result<ExchangePtr> LineParser::parse(const json::object& line) {
  const json::object* object = find_object(line, "request");
  if (object == nullptr) return refused("no object 'request'");
  const auto time = read_time(line);
  if (!time) return tl::unexpected(time.error());
  auto parts = read_message(*object);
  auto method = read_bytes(*object, "method");
  auto target = read_bytes(*object, "target");
  if (!parts) return tl::unexpected(parts.error());
  if (!method) return tl::unexpected(method.error());
  if (!target) return tl::unexpected(target.error());
  parts->method = std::move(*method);
  parts->target = std::move(*target);
  auto message = assembler_.request(*parts);
  if (!message) return tl::unexpected(message.error());

  auto request = std::make_shared<CapturedRequest>();
  request->first_byte = *time;
  request->last_byte = *time;
  request->client = Endpoint::parse(find_string(line, "client").value_or("")).value_or(Endpoint());
  request->server = Endpoint::parse(find_string(line, "server").value_or("")).value_or(Endpoint());
  request->message = std::move(*message);
  const auto session = find_string(line, "session");
  has_session_ = session.has_value();
  if (session) request->session = session_named(*session);

  auto exchange = std::make_shared<Exchange>();
  if (const json::object* answer = find_object(line, "response")) {
    auto response = read_response(*answer, request->message, find_flag(line, "complete", true));
    if (!response) return tl::unexpected(response.error());
    exchange->response = std::move(*response);
  }
  exchange->request = std::move(request);
  return exchange;
}

class JsonlReader final : public ExchangeSource {
 public:
  JsonlReader(std::unique_ptr<UnpackedInput> input, const ReorderLimits& limits)
      : lines_(std::move(input), jsonl_line_max), window_(limits) {
    counter_.report.format = "jsonl";
    counter_.report.files = 1;
  }

  [[nodiscard]] Result<ExchangePtr> next() override {
    while (true) {
      if (ExchangePtr exchange = window_.pop(at_end_)) return give(std::move(exchange));
      if (at_end_) return nullptr;
      auto more = lines_.next(counter_.report);
      if (!more) return tl::unexpected(more.error());
      at_end_ = !*more;
      if (!at_end_) take_line();
    }
  }
  [[nodiscard]] const RecordingReport& report() const override { return counter_.report; }

 private:
  void take_line();
  [[nodiscard]] ExchangePtr give(ExchangePtr exchange);

  LineInput lines_;
  LineParser parser_;
  ReorderWindow window_;
  SessionCounts sessions_;
  ReportCounter counter_;
  bool at_end_ = false;
};

void JsonlReader::take_line() {
  const std::string_view line = lines_.line();
  if (line.find_first_not_of(" \t") == std::string_view::npos) return;
  const auto damaged = [&](std::string text) {
    counter_.report.note_damage({lines_.name(), lines_.position(), line.size(), std::move(text)});
  };
  json::error_code error;
  json::monotonic_resource memory;
  const json::value value = json::parse({line.data(), line.size()}, error, &memory);
  if (error || !value.is_object()) {
    return damaged(lines_.has_end() ? "a line that is no JSON object" : "a last line that was cut");
  }
  auto exchange = parser_.parse(value.get_object());
  if (!exchange) return damaged("a line that is no exchange: " + exchange.error().message);
  if (!parser_.has_session()) {
    counter_.report.sessions_known = false;
    // Nobody else has the object yet.
    const auto request = std::const_pointer_cast<CapturedRequest>((*exchange)->request);
    request->session = session_named(fmt::format("{}:{}", lines_.name(), lines_.position()));
  }
  const WallTime request_time = (*exchange)->request->first_byte;
  const WallTime ended = (*exchange)->response ? (*exchange)->response->first_byte : request_time;
  window_.push(std::move(*exchange), std::max(ended, request_time));
}

ExchangePtr JsonlReader::give(ExchangePtr exchange) {
  sessions_.number(*exchange);
  counter_.count(*exchange);
  return exchange;
}

}  // namespace

std::unique_ptr<ExchangeSource> open_jsonl(std::unique_ptr<UnpackedInput> input, const ReorderLimits& limits) {
  return std::make_unique<JsonlReader>(std::move(input), limits);
}

bool is_jsonl(std::string_view first_bytes) {
  constexpr std::string_view space = " \t\r\n";
  std::size_t at = first_bytes.find_first_not_of(space);
  if (at == std::string_view::npos || first_bytes[at] != '{') return false;
  at = first_bytes.find_first_not_of(space, at + 1);
  if (at == std::string_view::npos) return false;
  const std::string_view rest = first_bytes.substr(at);
  for (const std::string_view key :
       {"\"session\"", "\"client\"", "\"server\"", "\"time\"", "\"request\"", "\"response\"", "\"complete\""}) {
    if (rest.starts_with(key)) return true;
  }
  return false;
}

std::optional<WallTime> first_jsonl_time(std::string_view first_bytes) {
  // The first "time" of a line that JsonlWriter wrote is the request's; in another order of keys it may be the
  // response's, which is later by no more than the exchange lasted, and that the reorder window allows for.
  const auto time = first_text_of(first_bytes, "\"time\"");
  return time ? parse_rfc3339(*time) : std::nullopt;
}

}  // namespace understudy
