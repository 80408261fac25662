#include "traffic/recording/har_writer.hpp"

#include <fmt/format.h>

#include <utility>

#include "traffic/base/json_text.hpp"
#include "traffic/base/time_text.hpp"
#include "traffic/recording/base64.hpp"
#include "traffic/recording/packed_output.hpp"

namespace understudy {
namespace {

constexpr Nanoseconds millisecond = std::chrono::milliseconds(1);

void write_latin1(JsonWriter& json, std::string_view key, std::string_view bytes) {
  std::string text;
  append_json_latin1(text, bytes);
  json.key(key).raw(text);
}

void write_fields(JsonWriter& json, const HttpMessage& message) {
  json.key("headers").begin_array();
  for (const FieldLine& field : message.fields()) {
    json.begin_object();
    write_latin1(json, "name", message.name(field));
    write_latin1(json, "value", message.value(field));
    json.end_object();
  }
  json.end_array();
}

std::string version_of(const HttpMessage& message) {
  return fmt::format("HTTP/{}.{}", message.version().major, message.version().minor);
}

// "text", and the name of its encoding under `encoding_key` where it has one.
void write_text(JsonWriter& json, const Body& body, std::string_view encoding_key) {
  if (!body.is_kept()) return;
  const std::string content = body.content();
  if (is_utf8(content)) {
    json.member("text", content);
    return;
  }
  std::string encoded;
  append_base64(encoded, content);
  json.member("text", encoded).member(encoding_key, "base64");
}

// The url that HAR wants. A target that is no path is told beside it.
std::string url_of(const HttpMessage& request, bool& is_whole) {
  const std::string_view target = request.target();
  is_whole = target.starts_with("http://") || target.starts_with("https://");
  if (is_whole) return std::string(target);
  is_whole = target.starts_with('/') && target.find('#') == std::string_view::npos;
  return fmt::format("http://{}{}", request.field("Host").value_or(""), is_whole ? target : "/");
}

double milliseconds_of(Nanoseconds duration) {
  return std::max(std::chrono::duration<double, std::milli>(duration).count(), 0.0);
}

void write_request(JsonWriter& json, const HttpMessage& request) {
  bool url_has_target = true;
  const std::string url = url_of(request, url_has_target);
  json.key("request").begin_object();
  write_latin1(json, "method", request.method());
  write_latin1(json, "url", url);
  if (!url_has_target || !request.target().starts_with('/')) write_latin1(json, "_target", request.target());
  json.member("httpVersion", version_of(request)).key("cookies").begin_array().end_array();
  write_fields(json, request);
  json.key("queryString").begin_array().end_array();
  const Body& body = request.body();
  if (body.content_size() != 0 && body.is_kept()) {
    json.key("postData").begin_object();
    write_latin1(json, "mimeType", request.field("Content-Type").value_or(""));
    json.key("params").begin_array().end_array();
    write_text(json, body, "_encoding");
    json.end_object();
  }
  json.member("headersSize", request.raw_head().size()).member("bodySize", body.content_size());
  json.member("_asOnWire", true).end_object();
}

void write_no_response(JsonWriter& json) {
  json.key("response").begin_object().member("status", 0).member("statusText", "").member("httpVersion", "");
  json.key("cookies").begin_array().end_array().key("headers").begin_array().end_array();
  json.key("content").begin_object().member("size", 0).member("mimeType", "").end_object();
  json.member("redirectURL", "").member("headersSize", -1).member("bodySize", -1).end_object();
}

void write_response(JsonWriter& json, const CapturedResponse& response) {
  const HttpMessage& message = response.message;
  const Body& body = message.body();
  json.key("response").begin_object().member("status", message.status());
  write_latin1(json, "statusText", message.reason());
  json.member("httpVersion", version_of(message)).key("cookies").begin_array().end_array();
  write_fields(json, message);
  json.key("content").begin_object().member("size", body.content_size());
  write_latin1(json, "mimeType", message.field("Content-Type").value_or(""));
  if (body.content_size() != 0) write_text(json, body, "encoding");
  json.end_object();
  write_latin1(json, "redirectURL", message.field("Location").value_or(""));
  json.member("headersSize", message.raw_head().size()).member("bodySize", body.content_size());
  json.member("_asOnWire", true);
  if (!response.complete) json.member("_complete", false);
  json.end_object();
}

void write_times(JsonWriter& json, const Exchange& exchange) {
  const CapturedRequest& request = *exchange.request;
  const Nanoseconds send = request.last_byte - request.first_byte;
  Nanoseconds wait{0};
  Nanoseconds receive{0};
  if (exchange.response) {
    wait = exchange.response->first_byte - request.last_byte;
    receive = exchange.response->last_byte - exchange.response->first_byte;
  }
  json.member("time", milliseconds_of(send) + milliseconds_of(wait) + milliseconds_of(receive));
  json.key("timings").begin_object().member("send", milliseconds_of(send)).member("wait", milliseconds_of(wait));
  json.member("receive", milliseconds_of(receive)).end_object();
  json.key("_times").begin_array().value(send.count());
  json.value((send + wait).count()).value((send + wait + receive).count()).end_array();
}

class HarWriter final : public ExchangeWriter {
 public:
  explicit HarWriter(std::unique_ptr<PackedOutput> output) : output_(std::move(output)) {}

  [[nodiscard]] Result<void> write(const Exchange& exchange) override {
    const CapturedRequest& request = *exchange.request;
    const auto started = std::chrono::floor<std::chrono::milliseconds>(request.first_byte);
    JsonWriter json;
    json.begin_object();
    std::string time;
    append_rfc3339(time, started);
    // Three decimals: more are allowed, but not every reader takes them.
    json.member("startedDateTime", time.substr(0, sizeof "2026-01-02T03:04:05.000" - 1) + "Z");
    write_times(json, exchange);
    write_request(json, request.message);
    if (exchange.response) {
      write_response(json, *exchange.response);
    } else {
      write_no_response(json);
    }
    json.key("cache").begin_object().end_object();
    const bool server_is_known = request.server != Endpoint();
    if (server_is_known) json.member("serverIPAddress", request.server.address.to_string());
    json.member("connection", std::to_string(request.session)).member("_sessionId", std::to_string(request.session));
    if (request.client != Endpoint()) json.member("_client", request.client.to_string());
    if (server_is_known) json.member("_server", request.server.to_string());
    json.member("_startedNanoseconds", (request.first_byte - started) % millisecond / Nanoseconds(1)).end_object();
    const std::string_view before = std::exchange(is_first_, false) ? std::string_view(head) : ",\n";
    if (!output_->append(before) || !output_->append(json.take())) return output_->status();
    return {};
  }

  [[nodiscard]] Result<void> finish(const RecordingReport& report) override {
    std::string end = is_first_ ? std::string(head) + "]" : "\n]";
    if (report.completeness == Completeness::complete) end += ",\"_completeness\":\"complete\"";
    if (report.completeness == Completeness::incomplete) end += ",\"_completeness\":\"incomplete\"";
    static_cast<void>(output_->append(end + "}}\n"));
    return output_->finish();
  }

 private:
  static constexpr std::string_view head =
      "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"understudy\",\"version\":\"1\"},\"entries\":[\n";

  const std::unique_ptr<PackedOutput> output_;
  bool is_first_ = true;
};

}  // namespace

Result<std::unique_ptr<ExchangeWriter>> make_har_writer(const std::string& path) {
  auto output = PackedOutput::create(path, false);
  if (!output) return tl::unexpected(output.error());
  return std::make_unique<HarWriter>(std::move(*output));
}

}  // namespace understudy
