#include "replay/compare/noise.hpp"

#include <algorithm>
#include <string_view>

namespace understudy {
namespace {

bool is_json(DifferenceKind kind) { return kind >= DifferenceKind::json_missing; }

// Whether `outer` is the place of `inner` or one around it.
bool contains_place(std::string_view outer, std::string_view inner) {
  return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '/');
}

// Whether a difference `other` speaks of the field of `difference`.
bool covers(const Difference& other, const Difference& difference) {
  if (is_of_outcome(difference.kind)) return is_of_outcome(other.kind);
  if (is_json(difference.kind) && is_json(other.kind)) return contains_place(other.shape, difference.shape);
  // Content that is no JSON on one side only is another content as a whole.
  if (is_of_body(difference.kind)) return is_of_body(other.kind) && !is_json(other.kind);
  if (difference.kind == DifferenceKind::content_type) return other.kind == DifferenceKind::content_type;
  return other.kind == difference.kind && other.shape == difference.shape;
}

}  // namespace

Sighting sighting_of(const Difference& difference, const Differences& other) {
  if (std::ranges::any_of(other.list, [&](const Difference& one) { return covers(one, difference); })) {
    return Sighting::both;
  }
  if (!is_of_outcome(difference.kind) && other.outcome_only) return Sighting::unknown;
  return Sighting::alone;
}

}  // namespace understudy
