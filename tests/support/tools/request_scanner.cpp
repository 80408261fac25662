#include "tests/support/tools/request_scanner.hpp"

#include <strings.h>

#include <algorithm>
#include <charconv>

#include "tests/support/tools/body_pattern.hpp"

namespace understudy::tools {
namespace {

constexpr std::size_t max_head = std::size_t{2} * 1024 * 1024;
constexpr std::size_t max_line = 8192;

bool equals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// The decimal number behind `key` in `target`, when there is one.
bool number_behind(std::string_view target, std::string_view key, std::uint64_t& value) {
  const auto at = target.find(key);
  if (at == std::string_view::npos) {
    return false;
  }
  const char* first = target.data() + at + key.size();
  return std::from_chars(first, target.data() + target.size(), value).ec == std::errc{};
}

}  // namespace

RequestScanner::Event RequestScanner::scan(std::string_view& input) {
  if (state_ == State::done) {
    state_ = State::head;
    request_ = {};
    expects_continue_ = false;
    remaining_ = 0;
  }
  if (state_ == State::head) {
    return take_head(input);
  }
  for (;;) {
    switch (state_) {
      case State::fixed_body:
      case State::chunk_data:
        take_body(input);
        if (remaining_ > 0) {
          return Event::need_more;
        }
        if (state_ == State::fixed_body) {
          return finish();
        }
        state_ = State::chunk_end;
        break;
      default:
        if (const Event event = take_line(input); event != Event::head) {
          return event;
        }
        if (!finish_line()) {
          return Event::malformed;
        }
        if (state_ == State::done) {
          return finish();
        }
        break;
    }
  }
}

RequestScanner::Event RequestScanner::take_head(std::string_view& input) {
  std::string& head = request_.head;
  while (head.empty() && !input.empty() && (input.front() == '\r' || input.front() == '\n')) {
    input.remove_prefix(1);
  }
  const std::size_t before = head.size();
  head.append(input);
  const auto end = head.find("\r\n\r\n", before < 3 ? 0 : before - 3);
  if (end == std::string::npos) {
    input.remove_prefix(input.size());
    return head.size() > max_head ? Event::malformed : Event::need_more;
  }
  input.remove_prefix(end + 4 - before);
  head.resize(end + 4);
  return parse_head() ? Event::head : Event::malformed;
}

bool RequestScanner::parse_head() {
  std::string_view rest = request_.head;
  const auto line_end = rest.find("\r\n");
  const std::string_view line = rest.substr(0, line_end);
  const auto target_at = line.find(' ');
  const auto version_at = line.rfind(' ');
  if (target_at == std::string_view::npos || version_at <= target_at || line.substr(version_at + 1, 7) != "HTTP/1.") {
    return false;
  }
  const std::string_view target = line.substr(target_at + 1, version_at - target_at - 1);
  request_.has_id = number_behind(target, "id=", request_.id);
  number_behind(target, "n=", request_.expected_length);
  request_.close = line.back() == '0';
  state_ = State::fixed_body;
  rest.remove_prefix(line_end + 2);
  while (rest.size() > 2) {
    const auto end = rest.find("\r\n");
    const auto colon = rest.find(':');
    if (colon == std::string_view::npos || colon > end) {
      return false;
    }
    std::string_view value = rest.substr(colon + 1, end - colon - 1);
    while (!value.empty() && value.front() == ' ') {
      value.remove_prefix(1);
    }
    parse_field(rest.substr(0, colon), value);
    rest.remove_prefix(end + 2);
  }
  return true;
}

void RequestScanner::parse_field(std::string_view name, std::string_view value) {
  if (equals(name, "content-length")) {
    std::from_chars(value.data(), value.data() + value.size(), remaining_);
  } else if (equals(name, "transfer-encoding")) {
    state_ = State::chunk_size;
  } else if (equals(name, "connection")) {
    request_.close = equals(value, "close");
  } else if (equals(name, "expect")) {
    expects_continue_ = true;
  }
}

// Event::head stands for "a whole line is in line_".
RequestScanner::Event RequestScanner::take_line(std::string_view& input) {
  const auto end = input.find('\n');
  const std::size_t take = end == std::string_view::npos ? input.size() : end + 1;
  line_.append(input.substr(0, take));
  input.remove_prefix(take);
  if (line_.size() > max_line) {
    return Event::malformed;
  }
  return end == std::string_view::npos ? Event::need_more : Event::head;
}

bool RequestScanner::finish_line() {
  const bool ends_well = line_.size() >= 2 && line_[line_.size() - 2] == '\r';
  const std::string_view line = std::string_view(line_).substr(0, line_.size() < 2 ? 0 : line_.size() - 2);
  bool good = ends_well;
  switch (state_) {
    case State::chunk_size: {
      const auto parsed = std::from_chars(line.data(), line.data() + line.size(), remaining_, 16);
      good = good && parsed.ec == std::errc{};
      state_ = remaining_ == 0 ? State::trailer : State::chunk_data;
      break;
    }
    case State::chunk_end:
      good = good && line.empty();
      state_ = State::chunk_size;
      break;
    default:  // a trailer field, or the empty line behind them
      state_ = line.empty() ? State::done : State::trailer;
      break;
  }
  line_.clear();
  return good;
}

void RequestScanner::take_body(std::string_view& input) {
  const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size()));
  if (request_.has_id && request_.body_intact) {
    request_.body_intact = body_matches(input.substr(0, take), request_.id, request_.body_length);
  }
  request_.body_length += take;
  remaining_ -= take;
  input.remove_prefix(take);
}

RequestScanner::Event RequestScanner::finish() {
  state_ = State::done;
  if (request_.expected_length != unknown_length && request_.body_length != request_.expected_length) {
    request_.body_intact = false;
  }
  return Event::complete;
}

}  // namespace understudy::tools
