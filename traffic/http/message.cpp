#include "traffic/http/message.hpp"

namespace understudy {
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

}  // namespace understudy
