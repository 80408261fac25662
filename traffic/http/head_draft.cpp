#include "traffic/http/head_draft.hpp"

#include <algorithm>
#include <utility>

#include "traffic/base/check.hpp"
#include "traffic/http/byte_scan.hpp"

namespace understudy {
namespace {

// No byte of a value may end its line.
[[nodiscard]] std::string safe_value(std::string_view value) {
  std::string safe(trim_blanks(value));
  std::replace_if(
      safe.begin(), safe.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
  return safe;
}

[[nodiscard]] std::string safe_token(std::string_view token) {
  std::string safe(token.empty() ? std::string_view("_") : token);
  std::replace_if(
      safe.begin(), safe.end(), [](char c) { return !is_token_byte(c); }, '_');
  return safe;
}

[[nodiscard]] std::string safe_target(std::string_view target) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  if (target.empty()) return "/";
  std::string safe;
  safe.reserve(target.size());
  for (const char byte : target) {
    const auto value = static_cast<unsigned char>(byte);
    if (value > 0x20 && value != 0x7f) {
      safe += byte;
      continue;
    }
    safe += '%';
    safe += digits[value >> 4U];
    safe += digits[value & 0xfU];
  }
  return safe;
}

}  // namespace

HeadDraft::HeadDraft(const HttpMessage& message) : message_(message) { CHECK(message.is_request()); }

std::string_view HeadDraft::method() const { return method_ ? std::string_view(*method_) : message_.method(); }

std::string_view HeadDraft::target() const { return target_ ? std::string_view(*target_) : message_.target(); }

std::size_t HeadDraft::field_count() const { return edited_ ? lines_.size() : message_.fields().size(); }

std::string_view HeadDraft::field_name(std::size_t index) const {
  if (!edited_) return message_.name(message_.fields()[index]);
  const Line& line = lines_[index];
  return line.is_owned ? std::string_view(line.name) : message_.name(message_.fields()[line.original]);
}

std::string_view HeadDraft::field_value(std::size_t index) const {
  if (!edited_) return message_.value(message_.fields()[index]);
  const Line& line = lines_[index];
  return line.is_owned ? std::string_view(line.value) : message_.value(message_.fields()[line.original]);
}

std::optional<std::size_t> HeadDraft::find(std::string_view name, std::size_t begin) const {
  for (std::size_t i = begin; i < field_count(); ++i)
    if (equals_ignoring_case(field_name(i), name)) return i;
  return std::nullopt;
}

std::optional<std::string_view> HeadDraft::field(std::string_view name) const {
  const std::optional<std::size_t> index = find(name, 0);
  if (!index) return std::nullopt;
  return field_value(*index);
}

void HeadDraft::begin_edit() {
  if (std::exchange(edited_, true)) return;
  lines_.resize(message_.fields().size());
  for (std::size_t i = 0; i < lines_.size(); ++i) lines_[i].original = i;
}

void HeadDraft::set_method(std::string_view method) {
  begin_edit();
  method_ = safe_token(method);
}

void HeadDraft::set_target(std::string_view target) {
  begin_edit();
  target_ = safe_target(target);
}

void HeadDraft::set_field(std::string_view name, std::string_view value) {
  begin_edit();
  const std::optional<std::size_t> first = find(name, 0);
  if (!first) return append_field(name, value);
  set_field_value(*first, value);
  for (auto next = find(name, *first + 1); next; next = find(name, *next)) remove_field(*next);
}

void HeadDraft::set_field_value(std::size_t index, std::string_view value) {
  begin_edit();
  // The new texts are made before the old ones go, for they may be views of them.
  Line line{lines_[index].original, true, std::string(field_name(index)), safe_value(value)};
  lines_[index] = std::move(line);
}

void HeadDraft::append_field(std::string_view name, std::string_view value) {
  begin_edit();
  lines_.push_back({0, true, safe_token(name), safe_value(value)});
}

std::size_t HeadDraft::rename_field(std::string_view name, std::string_view new_name) {
  begin_edit();
  const std::string old_name(name);
  const std::string safe_name = safe_token(new_name);
  std::size_t count = 0;
  for (auto index = find(old_name, 0); index; index = find(old_name, *index + 1)) {
    Line line{0, true, safe_name, std::string(field_value(*index))};
    lines_[*index] = std::move(line);
    ++count;
  }
  return count;
}

std::size_t HeadDraft::remove_field(std::string_view name) {
  begin_edit();
  const std::string wanted(name);
  std::size_t count = 0;
  for (auto index = find(wanted, 0); index; index = find(wanted, *index), ++count) remove_field(*index);
  return count;
}

void HeadDraft::remove_field(std::size_t index) {
  begin_edit();
  lines_.erase(lines_.begin() + static_cast<std::ptrdiff_t>(index));
}

void HeadDraft::replace_body(std::string content) {
  remove_field("Transfer-Encoding");
  remove_field("Trailer");
  set_field("Content-Length", std::to_string(content.size()));
  body_ = std::move(content);
}

HttpMessage HeadDraft::to_message() const {
  HttpMessage message;
  message.version_ = message_.version_;
  message.persistent_ = message_.persistent_;
  message.framing_ = body_ ? BodyFraming::content_length : message_.framing_;
  message.body_ = body_ ? Body::of(*body_) : message_.body_.share();

  std::string& head = message.head_;
  head.reserve(message_.head_.size() + 256);
  const auto append = [&head](std::string_view text) {
    const TextRange range{static_cast<std::uint32_t>(head.size()), static_cast<std::uint32_t>(text.size())};
    head += text;
    return range;
  };
  const std::uint32_t target_end = message_.target_.offset + message_.target_.length;
  message.method_ = append(method());
  head += ' ';
  message.target_ = append(target());
  head += message_.text({target_end, message_.start_line_length_ - target_end});
  message.start_line_length_ = static_cast<std::uint32_t>(head.size());

  message.fields_.reserve(field_count());
  for (std::size_t i = 0; i < field_count(); ++i) {
    if (!edited_ || !lines_[i].is_owned) {
      const std::size_t original = edited_ ? lines_[i].original : i;
      const FieldLine& field = message_.fields_[original];
      const auto offset = static_cast<std::uint32_t>(head.size());
      message.fields_.push_back(
          {{offset, field.name.length}, {offset + field.value.offset - field.name.offset, field.value.length}});
      head += message_.field_line(original);
      continue;
    }
    const TextRange name = append(lines_[i].name);
    head += ": ";
    const TextRange value = append(lines_[i].value);
    head += "\r\n";
    message.fields_.push_back({name, value});
  }
  head += message_.raw_head().substr(message_.empty_line_offset());
  return message;
}

}  // namespace understudy
