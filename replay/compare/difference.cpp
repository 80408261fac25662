#include "replay/compare/difference.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace understudy {

std::string_view to_string(DifferenceKind kind) {
  constexpr std::array<std::string_view, difference_kinds> names{
      "no_response",  "status",     "content_type", "header",     "body",
      "json_missing", "json_extra", "json_type",    "json_value", "json_order"};
  return names[static_cast<std::size_t>(kind)];
}

const Difference* Differences::find(DifferenceKind kind, std::string_view shape) const {
  const auto found = std::ranges::find_if(
      list, [&](const Difference& difference) { return difference.kind == kind && difference.shape == shape; });
  return found == list.end() ? nullptr : &*found;
}

void Differences::add(Difference difference) {
  if (find(difference.kind, difference.shape) != nullptr) return;
  if (list.size() == differences_max) {
    cut = true;
    return;
  }
  list.push_back(std::move(difference));
}

void Differences::clear() {
  list.clear();
  cut = false;
  outcome_only = false;
}

}  // namespace understudy
