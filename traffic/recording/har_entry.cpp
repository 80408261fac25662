#include "traffic/recording/har_entry.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "traffic/base/time_text.hpp"
#include "traffic/recording/base64.hpp"
#include "traffic/recording/json_input.hpp"

namespace understudy {
namespace {

namespace json = boost::json;

// Of a message's end from the request's beginning: more than any exchange lasts, and far from overflow.
constexpr std::int64_t offset_max = 100'000'000'000'000'000;

tl::unexpected<Error> refused(std::string text) { return fail(ExitCode::recording_unreadable, std::move(text)); }

// "https://api.test:8443/a?b#c", taken apart.
struct Url {
  std::string_view scheme;
  std::string_view authority;  // without user information
  std::string target;          // path and query
};

std::optional<Url> split_url(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  Url url;
  url.scheme = text.substr(0, colon);
  std::string_view rest = text.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  url.authority = rest.substr(0, end);
  if (const std::size_t at = url.authority.rfind('@'); at != std::string_view::npos)
    url.authority.remove_prefix(at + 1);
  rest.remove_prefix(end);
  if (rest.empty() || rest.front() == '?') url.target = "/";
  url.target += rest;
  return url;
}

std::uint16_t port_of(const Url& url) {
  const std::size_t colon = url.authority.rfind(':');
  std::uint16_t port = equals_ignoring_case(url.scheme, "https") ? 443 : 80;
  if (colon == std::string_view::npos || url.authority.ends_with(']')) return port;
  const std::string_view digits = url.authority.substr(colon + 1);
  static_cast<void>(std::from_chars(digits.data(), digits.data() + digits.size(), port));
  return port;
}

bool is_as_on_wire(const json::object& message) { return find_flag(message, "_asOnWire", false); }

// A text as bytes: code points of Latin-1 where the message is as it was on the wire, else UTF-8.
Result<std::string> text_bytes(std::string_view text, bool as_on_wire) {
  if (!as_on_wire) return std::string(text);
  auto bytes = latin1_bytes(text);
  if (!bytes) return refused("a character that stands for no byte");
  return std::move(*bytes);
}

Result<void> read_fields(const json::object& message, bool as_on_wire, MessageParts& parts) {
  const json::array* headers = find_array(message, "headers");
  if (headers == nullptr) return refused("no array 'headers'");
  for (const json::value& header : *headers) {
    const json::object* pair = header.if_object();
    const auto name = pair == nullptr ? std::nullopt : find_string(*pair, "name");
    const auto value = pair == nullptr ? std::nullopt : find_string(*pair, "value");
    if (!name || !value) return refused("a header without a name or a value");
    auto name_bytes = text_bytes(*name, as_on_wire);
    auto value_bytes = text_bytes(*value, as_on_wire);
    if (!name_bytes || !value_bytes) return refused("a header with a character that stands for no byte");
    parts.fields.push_back({std::move(*name_bytes), std::move(*value_bytes)});
  }
  return {};
}

void read_version(const json::object& message, MessageParts& parts) {
  const std::string_view version = find_string(message, "httpVersion").value_or("");
  parts.version = {1, equals_ignoring_case(version, "HTTP/1.0") ? std::uint8_t{0} : std::uint8_t{1}};
}

// The text of a body, decoded as its `encoding` says. Nothing: there is no text.
Result<std::optional<std::string>> read_text(const json::object& body) {
  const auto text = find_string(body, "text");
  if (!text) return std::nullopt;
  const auto standard = find_string(body, "encoding");
  if (standard.value_or(find_string(body, "_encoding").value_or("")) != "base64") return std::string(*text);
  auto bytes = decode_base64(*text);
  if (!bytes) return refused("a body that is not base64");
  return std::optional(std::move(*bytes));
}

void append_form_text(std::string& out, std::string_view text) {
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                          c == '.' || c == '_' || c == '*';
    if (is_plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
}

// A form whose fields are told instead of its text.
std::string form_of(const json::array& params) {
  std::string text;
  for (const json::value& param : params) {
    const json::object* pair = param.if_object();
    if (pair == nullptr) continue;
    if (!text.empty()) text += '&';
    append_form_text(text, find_string(*pair, "name").value_or(""));
    text += '=';
    append_form_text(text, find_string(*pair, "value").value_or(""));
  }
  return text;
}

std::uint64_t size_or_zero(std::optional<std::int64_t> size) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(size.value_or(0), 0));
}

Result<void> read_request_body(const json::object& request, MessageParts& parts) {
  if (const json::object* data = find_object(request, "postData")) {
    auto text = read_text(*data);
    if (!text) return tl::unexpected(text.error());
    parts.content = std::move(*text);
    const json::array* params = find_array(*data, "params");
    const bool is_form = find_string(*data, "mimeType").value_or("").starts_with("application/x-www-form-urlencoded");
    if ((!parts.content || parts.content->empty()) && params != nullptr && !params->empty() && is_form) {
      parts.content = form_of(*params);
    }
  }
  if (parts.content) return {};
  // Browsers leave out bodies that are no text, and tell their size.
  const MessagePart* length = find_field(parts, "Content-Length");
  parts.content_size = size_or_zero(find_integer(request, "bodySize"));
  if (parts.content_size == 0 && length != nullptr) {
    static_cast<void>(
        std::from_chars(length->value.data(), length->value.data() + length->value.size(), parts.content_size));
  }
  if (parts.content_size == 0) parts.content.emplace();
  return {};
}

// What a browser tells of HTTP/2 and of decoded bodies, made into a head of HTTP/1.1.
void make_sendable(MessageParts& parts, std::string_view authority) {
  std::string host(authority);
  std::string cookies;
  std::erase_if(parts.fields, [&](const MessagePart& field) {
    if (equals_ignoring_case(field.name, ":authority")) host = field.value;
    if (!equals_ignoring_case(field.name, "Cookie")) return field.name.starts_with(':');
    if (!cookies.empty()) cookies += "; ";
    cookies += field.value;
    return false;
  });
  if (!cookies.empty()) set_field(parts, "Cookie", cookies);
  if (find_field(parts, "Host") == nullptr && !host.empty()) {
    parts.fields.insert(parts.fields.begin(), {"Host", std::move(host)});
  }
  remove_field(parts, "Transfer-Encoding");
  const std::uint64_t size = parts.content ? parts.content->size() : parts.content_size;
  const bool expects_body = parts.method == "POST" || parts.method == "PUT" || parts.method == "PATCH";
  if (size != 0 || expects_body) {
    set_field(parts, "Content-Length", std::to_string(size));
  } else {
    remove_field(parts, "Content-Length");
  }
}

// The same for a response, whose body is told decoded.
void make_decoded(MessageParts& parts, bool has_body) {
  std::erase_if(parts.fields, [](const MessagePart& field) { return field.name.starts_with(':'); });
  remove_field(parts, "Transfer-Encoding");
  if (!has_body) return;
  remove_field(parts, "Content-Encoding");
  set_field(parts, "Content-Length", std::to_string(parts.content ? parts.content->size() : parts.content_size));
}

bool has_no_body(int status, std::string_view method) {
  return method == "HEAD" || status < 200 || status == 204 || status == 304;
}

// A member of "timings", in milliseconds; -1 there means that it does not apply.
Nanoseconds timing(const json::object* timings, std::string_view name) {
  const json::value* member = timings == nullptr ? nullptr : find_member(*timings, name);
  if (member == nullptr || !member->is_number()) return Nanoseconds(0);
  const double milliseconds = member->to_number<double>();
  constexpr double day = 86'400'000;
  if (!(milliseconds > 0) || milliseconds > day) return Nanoseconds(0);
  return Nanoseconds(std::llround(milliseconds * 1e6));
}

// Times of the messages' ends, from our own member or from the standard's.
void read_times(const json::object& entry, CapturedRequest& request, CapturedResponse* response) {
  if (const json::array* exact = find_array(entry, "_times"); exact != nullptr && exact->size() == 3) {
    const auto at = [&](std::size_t index) {
      const std::int64_t* offset = (*exact)[index].if_int64();
      const bool is_near = offset != nullptr && *offset >= -offset_max && *offset <= offset_max;
      return request.first_byte + Nanoseconds(is_near ? *offset : 0);
    };
    request.last_byte = at(0);
    if (response == nullptr) return;
    response->first_byte = at(1);
    response->last_byte = at(2);
    return;
  }
  const json::object* timings = find_object(entry, "timings");
  Nanoseconds before{0};
  for (const std::string_view name : {"blocked", "dns", "connect"}) before += timing(timings, name);
  request.last_byte = request.first_byte + before + timing(timings, "send");
  if (response == nullptr) return;
  response->first_byte = request.last_byte + timing(timings, "wait");
  response->last_byte = response->first_byte + timing(timings, "receive");
}

// What startedDateTime leaves out: nanoseconds within its millisecond.
Nanoseconds fraction_of(const json::object& entry) {
  const std::int64_t nanoseconds = find_integer(entry, "_startedNanoseconds").value_or(0);
  return Nanoseconds(nanoseconds > 0 && nanoseconds < 1'000'000 ? nanoseconds : 0);
}

Endpoint server_of(const json::object& entry, const Url& url) {
  if (const auto told = Endpoint::parse(find_string(entry, "_server").value_or(""))) return *told;
  std::string_view address = find_string(entry, "serverIPAddress").value_or("");
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  const auto parsed = IpAddress::parse(address);
  return parsed ? Endpoint{*parsed, port_of(url)} : Endpoint();
}

}  // namespace

Result<CapturedResponse> HarEntryReader::read_response(const json::object& response, const HttpMessage& request) {
  const bool as_on_wire = is_as_on_wire(response);
  MessageParts parts;
  const auto status = find_integer(response, "status");
  if (!status || *status < 100 || *status > 999) return refused("a response without a status of three digits");
  parts.status = static_cast<int>(*status);
  auto reason = text_bytes(find_string(response, "statusText").value_or(""), as_on_wire);
  if (!reason) return tl::unexpected(reason.error());
  parts.reason = std::move(*reason);
  read_version(response, parts);
  if (auto read = read_fields(response, as_on_wire, parts); !read) return tl::unexpected(read.error());
  if (const json::object* content = find_object(response, "content")) {
    auto text = read_text(*content);
    if (!text) return tl::unexpected(text.error());
    parts.content = std::move(*text);
    parts.content_size = size_or_zero(find_integer(*content, "size"));
  }
  const bool without_body = has_no_body(parts.status, request.method());
  if (without_body || (!parts.content && parts.content_size == 0)) parts.content.emplace();
  if (!as_on_wire) make_decoded(parts, !without_body);
  const bool complete = find_flag(response, "_complete", true);
  auto message = assembler_.response(parts, answers_to(request), complete);
  if (!message) return tl::unexpected(message.error());
  CapturedResponse result;
  result.message = std::move(*message);
  result.complete = complete;
  return result;
}

Result<HarEntryReader::Entry> HarEntryReader::read(const json::object& entry) {
  const json::object* object = find_object(entry, "request");
  const auto started = parse_rfc3339(find_string(entry, "startedDateTime").value_or(""));
  if (object == nullptr) return refused("no object 'request'");
  if (!started) return refused("no 'startedDateTime' in the form of ISO 8601");
  const bool as_on_wire = is_as_on_wire(*object);
  MessageParts parts;
  auto method = text_bytes(find_string(*object, "method").value_or(""), as_on_wire);
  if (!method) return tl::unexpected(method.error());
  parts.method = std::move(*method);
  const auto url = split_url(find_string(*object, "url").value_or(""));
  Entry result;
  const bool is_http = url && (equals_ignoring_case(url->scheme, "http") || equals_ignoring_case(url->scheme, "https"));
  if (!is_http) {
    result.left_out = "requests of other schemes than http and https";
    return result;
  }
  if (parts.method == "CONNECT" && !as_on_wire) {
    result.left_out = "CONNECT requests to a proxy";
    return result;
  }
  auto target = text_bytes(find_string(*object, "_target").value_or(url->target), as_on_wire);
  if (!target) return tl::unexpected(target.error());
  parts.target = std::move(*target);
  read_version(*object, parts);
  if (auto read = read_fields(*object, as_on_wire, parts); !read) return tl::unexpected(read.error());
  if (auto read = read_request_body(*object, parts); !read) return tl::unexpected(read.error());
  if (!as_on_wire) make_sendable(parts, url->authority);
  auto message = assembler_.request(parts);
  if (!message) return tl::unexpected(message.error());

  auto request = std::make_shared<CapturedRequest>();
  request->message = std::move(*message);
  request->first_byte = *started + fraction_of(entry);
  request->client = Endpoint::parse(find_string(entry, "_client").value_or("")).value_or(Endpoint());
  request->server = server_of(entry, *url);
  result.exchange = std::make_shared<Exchange>();
  const json::object* answer = find_object(entry, "response");
  // Browsers write status 0 for a request that failed or was blocked.
  if (answer != nullptr && find_integer(*answer, "status").value_or(0) != 0) {
    auto response = read_response(*answer, request->message);
    if (!response) return tl::unexpected(response.error());
    result.exchange->response = std::move(*response);
  }
  read_times(entry, *request, result.exchange->response ? &*result.exchange->response : nullptr);
  const auto own_session = find_string(entry, "_sessionId");
  const auto connection = find_string(entry, "connection");
  if (own_session) {
    result.session = *own_session;
  } else if (connection && !connection->empty() && *connection != "0") {
    result.session = fmt::format("connection {} to {}", *connection, url->authority);
  }
  result.request = request;
  result.exchange->request = std::move(request);
  return result;
}

}  // namespace understudy
