#include "replay/store/http_connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace understudy {
namespace {

namespace http = boost::beast::http;
using Parser = http::response_parser<http::string_body>;

constexpr std::uint32_t head_size_max = 64U << 10U;
constexpr std::size_t read_size = std::size_t{64} << 10U;
// A small body goes out in one piece with its head.
constexpr std::size_t joined_size_max = std::size_t{16} << 10U;
constexpr int interim_responses_max = 16;

[[nodiscard]] bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

[[nodiscard]] Result<std::string> head_text(const HttpRequestHead& head, std::size_t body_size) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\n", head.method, head.target);
  if (has_control(head.target)) return fail(ExitCode::internal, "a request's target has control characters");
  for (const auto& [name, value] : head.headers) {
    if (has_control(name) || has_control(value)) {
      return fail(ExitCode::internal, fmt::format("the header {} has control characters", name));
    }
    text += fmt::format("{}: {}\r\n", name, value);
  }
  if (body_size > 0 || head.method == "PUT" || head.method == "POST") {
    text += fmt::format("Content-Length: {}\r\n", body_size);
  }
  return text + "\r\n";
}

[[nodiscard]] HttpReply reply_of(Parser& parser) {
  HttpReply reply;
  auto& message = parser.get();
  reply.status = static_cast<int>(message.result_int());
  for (const auto& field : message) reply.headers.emplace_back(field.name_string(), field.value());
  reply.body = std::move(message.body());
  return reply;
}

void prepare(std::optional<Parser>& parser, bool is_head, const HttpLimits& limits) {
  parser.emplace();
  parser->eager(true);
  parser->skip(is_head);
  parser->header_limit(head_size_max);
  parser->body_limit(limits.body_size_max);
}

// Gives the parser what is held, and keeps the rest at the buffer's begin.
[[nodiscard]] Result<void> feed(Parser& parser, std::vector<char>& buffer, std::size_t& held) {
  std::size_t used = 0;
  boost::system::error_code error;
  while (used < held && !parser.is_done() && !error) {
    const std::size_t taken = parser.put(boost::asio::buffer(buffer.data() + used, held - used), error);
    used += taken;
    if (taken == 0) break;
  }
  if (error && error != http::error::need_more) {
    return fail(ExitCode::target_invalid,
                fmt::format("its response is not HTTP that can be read: {}", error.message()));
  }
  std::copy(buffer.begin() + static_cast<std::ptrdiff_t>(used), buffer.begin() + static_cast<std::ptrdiff_t>(held),
            buffer.begin());
  held -= used;
  return {};
}

}  // namespace

std::string_view HttpReply::header(std::string_view name) const {
  for (const auto& [field, value] : headers) {
    if (boost::beast::iequals(field, {name.data(), name.size()})) return value;
  }
  return {};
}

HttpConnection::HttpConnection(StreamOptions options, Resolver::LookUp look_up)
    : stream_(std::move(options)), look_up_(std::move(look_up)), buffer_(read_size) {}

Result<void> HttpConnection::connect(const std::stop_token& stop) {
  const StreamOptions& options = stream_.options();
  const auto addresses = look_up_(options.proxy ? options.proxy->host : options.target.host);
  if (!addresses) return tl::unexpected(addresses.error());
  return stream_.open(*addresses, stop);
}

Result<HttpReply> HttpConnection::send(const HttpRequestHead& head, std::string_view body, const HttpLimits& limits,
                                       const std::stop_token& stop) {
  auto text = head_text(head, body.size());
  if (!text) return tl::unexpected(text.error());
  if (body.size() <= joined_size_max) {
    *text += body;
    body = {};
  }
  for (bool again = stream_.is_open();; again = false) {
    if (!stream_.is_open()) {
      if (auto connected = connect(stop); !connected) return tl::unexpected(connected.error());
    }
    auto reply = exchange(*text, body, head.method == "HEAD", limits, stop);
    if (!reply) stream_.close();
    if (reply && *reply) return std::move(**reply);
    if (!reply && (!again || reply.error().code == ExitCode::aborted)) return tl::unexpected(reply.error());
    stream_.close();
    if (!again) {
      return fail(ExitCode::target_invalid,
                  fmt::format("{} closed the connection without a response", stream_.options().target.authority()));
    }
  }
}

Result<std::optional<HttpReply>> HttpConnection::exchange(std::string_view head, std::string_view body, bool is_head,
                                                          const HttpLimits& limits, const std::stop_token& stop) {
  const auto bad = [&](std::string_view what) {
    return fail(ExitCode::target_invalid, fmt::format("{}: {}", stream_.options().target.authority(), what));
  };
  const MonotonicTime deadline = system_clock().monotonic_now() + limits.total;
  if (auto sent = stream_.write(head, limits.idle, stop); !sent) return tl::unexpected(sent.error());
  // An early answer, and the end of the connection with it, may come while a body is sent: it is read below.
  const Result<void> body_sent = stream_.write(body, limits.idle, stop);
  std::optional<Parser> parser;
  prepare(parser, is_head, limits);
  std::size_t held = 0;  // bytes in the buffer that the parser has not taken
  bool any = false;
  for (int interim = 0; interim <= interim_responses_max;) {
    const auto taken = feed(*parser, buffer_, held);
    if (!taken) return bad(taken.error().message);
    if (parser->is_done()) {
      HttpReply reply = reply_of(*parser);
      if (reply.status == 101) return bad("it switches protocols, which nobody asked for");
      if (reply.status >= 200) {
        if (!parser->keep_alive() || held > 0 || !body_sent) stream_.close();
        return reply;
      }
      ++interim;
      prepare(parser, is_head, limits);
      continue;
    }
    if (held == buffer_.size()) return bad("a line of its response is too long");
    if (system_clock().monotonic_now() >= deadline) return bad("no end of its response in time");
    const auto got = stream_.read(std::span(buffer_).subspan(held), limits.idle, stop);
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) {
      if (!any) return std::nullopt;
      boost::system::error_code error;
      parser->put_eof(error);
      if (error || !parser->is_done()) return bad("the connection ended in the middle of a response");
      stream_.close();
      return reply_of(*parser);
    }
    any = true;
    held += *got;
  }
  return bad("it sends interim responses without end");
}

}  // namespace understudy
