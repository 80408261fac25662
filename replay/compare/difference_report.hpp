// A comparison's summary as text for people and as JSON for programs.
#pragma once

#include <cstddef>
#include <string>

#include "replay/compare/difference_book.hpp"
#include "replay/route/route_table.hpp"
#include "traffic/base/json_text.hpp"

namespace understudy {

// One line a group, and one for its first example, for at most `groups` groups; a last line counts the others, and one
// tells the noise that was left out. Each line ends with a line feed. Empty when nothing differs.
[[nodiscard]] std::string difference_text(const CompareSummary& summary, const RouteTable& routes, std::size_t groups);

// One object: {"compared","equal","different","noise_only","status_mismatches",...,"differences":[...],"noise":[...],
// "routes":[...]}. docs/comparison.md describes it.
void write_differences(JsonWriter& json, const CompareSummary& summary, const CompareTotals& totals,
                       const RouteTable& routes);

}  // namespace understudy
