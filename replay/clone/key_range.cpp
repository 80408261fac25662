#include "replay/clone/key_range.hpp"

#include <algorithm>
#include <iterator>

#include "traffic/base/check.hpp"

namespace understudy {

bool KeyRange::contains(std::string_view key) const {
  return key.starts_with(prefix) && (start_after.empty() || key > start_after) && (end_at.empty() || key <= end_at);
}

std::string KeyMap::operator()(std::string_view key) const {
  if (key.empty()) return {};
  CHECK(key.starts_with(source_prefix));
  return destination_prefix + std::string(key.substr(source_prefix.size()));
}

KeyRange KeyMap::operator()(const KeyRange& range) const {
  return {(*this)(range.prefix).empty() ? destination_prefix : (*this)(range.prefix), (*this)(range.start_after),
          (*this)(range.end_at)};
}

std::vector<KeyRange> split(const KeyRange& range, const std::vector<std::string>& boundaries, std::size_t count) {
  CHECK(count > 0);
  std::vector<std::string> inside;
  std::ranges::copy_if(boundaries, std::back_inserter(inside), [&](const std::string& boundary) {
    return range.contains(boundary) && boundary != range.end_at;
  });
  std::vector<KeyRange> parts;
  KeyRange rest = range;
  const std::size_t step = (inside.size() + count) / count;  // count - 1 cuts at most
  for (std::size_t i = step - 1; i < inside.size() && parts.size() + 1 < count; i += step) {
    parts.push_back({rest.prefix, rest.start_after, inside[i]});
    rest.start_after = inside[i];
  }
  parts.push_back(std::move(rest));
  return parts;
}

}  // namespace understudy
