#include "traffic/http/message.hpp"

#include <algorithm>

namespace understudy {
namespace {

constexpr std::size_t cache_line = 64;
constexpr std::size_t prefetch_max = 1024;  // the hardware goes on by itself after a few lines in a row

void prefetch_bytes(const void* begin, std::size_t size) {
  const char* const at = static_cast<const char*>(begin);
  for (std::size_t offset = 0; offset < std::min(size, prefetch_max); offset += cache_line)
    __builtin_prefetch(at + offset);
}

}  // namespace

std::optional<std::string_view> HttpMessage::field(std::string_view name) const {
  for (const FieldLine& line : fields_)
    if (equals_ignoring_case(text(line.name), name)) return text(line.value);
  return std::nullopt;
}

std::uint32_t HttpMessage::empty_line_offset() const {
  return static_cast<std::uint32_t>(head_.size() - (head_.ends_with("\r\n") ? 2 : 1));
}

std::string_view HttpMessage::field_line(std::size_t index) const {
  const std::uint32_t begin = fields_[index].name.offset;
  const std::uint32_t end = index + 1 < fields_.size() ? fields_[index + 1].name.offset : empty_line_offset();
  return text({begin, end - begin});
}

std::size_t HttpMessage::memory() const {
  return sizeof *this + head_.capacity() + fields_.capacity() * sizeof(FieldLine) + body_.memory();
}

void HttpMessage::prefetch() const {
  prefetch_bytes(head_.data(), head_.size());
  prefetch_bytes(fields_.data(), fields_.size() * sizeof(FieldLine));
  body_.prefetch();
}

}  // namespace understudy
