#include "tests/support/tools/request_mix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "tests/support/tools/body_pattern.hpp"
#include "tests/support/tools/sockets.hpp"

namespace understudy::tools {
namespace {

// splitmix64: spreads neighbouring ids over the whole range.
std::uint64_t spread(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

template <typename Number>
Number to_number(std::string_view text) {
  Number value{};
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) {
    die("not a number in the mix: " + std::string(text));
  }
  return value;
}

RequestKind::Form form_of(std::string_view name) {
  using Form = RequestKind::Form;
  if (name == "get") {
    return Form::get;
  }
  if (name == "head") {
    return Form::head;
  }
  if (name == "post") {
    return Form::post;
  }
  if (name != "chunked") {
    die("no such kind in the mix: " + std::string(name));
  }
  return Form::chunked;
}

RequestKind parse_kind(std::string_view text) {
  RequestKind kind;
  const auto equals = text.find('=');
  kind.weight_end = equals == std::string_view::npos ? 1 : to_number<std::uint64_t>(text.substr(equals + 1));
  text = text.substr(0, equals);
  for (auto plus = text.rfind('+'); plus != std::string_view::npos; plus = text.rfind('+')) {
    const std::string_view flag = text.substr(plus + 1);
    kind.own_connection = kind.own_connection || flag == "close";
    kind.waits_for_continue = kind.waits_for_continue || flag == "continue";
    text = text.substr(0, plus);
  }
  const auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    kind.body_bytes = to_number<std::size_t>(text.substr(slash + 1));
  }
  kind.form = form_of(text.substr(0, slash));
  return kind;
}

// Chunks of sizes that follow from the id: from 1 byte to about 5,000, some with an extension, a trailer at times.
void append_chunks(std::uint64_t id, std::size_t count, std::string& to) {
  std::size_t offset = 0;
  std::uint64_t state = spread(id);
  while (offset < count) {
    state = spread(state);
    const std::size_t size = std::min<std::size_t>(1 + state % 5000, count - offset);
    fmt::format_to(std::back_inserter(to), "{:x}{}\r\n", size, state % 7 == 0 ? ";part=1" : "");
    append_body(to, id, offset, size);
    to += "\r\n";
    offset += size;
  }
  to += state % 3 == 0 ? "0\r\nX-Checksum: none\r\n\r\n" : "0\r\n\r\n";
}

}  // namespace

RequestMix::RequestMix(std::string_view text, std::uint64_t seed) : seed_(seed) {
  std::uint64_t total = 0;
  while (!text.empty()) {
    const auto comma = text.find(',');
    RequestKind kind = parse_kind(text.substr(0, comma));
    kind.weight_end = total += kind.weight_end;
    kinds_.push_back(kind);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  if (total == 0) {
    die("the mix holds no request");
  }
}

const RequestKind& RequestMix::kind_of(std::uint64_t id) const {
  const std::uint64_t point = kinds_.size() == 1 ? 0 : spread(id ^ seed_) % kinds_.back().weight_end;
  return *std::find_if(kinds_.begin(), kinds_.end(), [&](const RequestKind& kind) { return point < kind.weight_end; });
}

void RequestMix::append_request(std::uint64_t id, std::string_view host, std::string& head, std::string& body) const {
  using Form = RequestKind::Form;
  const RequestKind& kind = kind_of(id);
  const bool has_body = kind.form == Form::post || kind.form == Form::chunked;
  const std::string_view method = has_body ? "POST" : kind.form == Form::head ? "HEAD" : "GET";
  fmt::format_to(std::back_inserter(head),
                 "{} /items?id={}&n={} HTTP/1.1\r\nHost: {}\r\nUser-Agent: load-generator\r\nAccept: */*\r\n", method,
                 id, has_body ? kind.body_bytes : 0, host);
  if (kind.form == Form::post) {
    fmt::format_to(std::back_inserter(head), "Content-Type: application/octet-stream\r\nContent-Length: {}\r\n",
                   kind.body_bytes);
  } else if (kind.form == Form::chunked) {
    head += "Content-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n";
  }
  head += kind.own_connection ? "Connection: close\r\n" : "";
  head += kind.waits_for_continue ? "Expect: 100-continue\r\n" : "";
  head += "\r\n";
  std::string& body_to = kind.waits_for_continue ? body : head;
  if (kind.form == Form::post) {
    append_body(body_to, id, 0, kind.body_bytes);
  } else if (kind.form == Form::chunked) {
    append_chunks(id, kind.body_bytes, body_to);
  }
}

}  // namespace understudy::tools
