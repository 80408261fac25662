// Plans of queries by EXPLAIN, without running them: the generic plan, since only the normalised text is known.
//
// The text is prepared, and EXPLAIN EXECUTE asks for the plan under plan_cache_mode = force_generic_plan, set for the
// observer's session only. EXPLAIN (GENERIC_PLAN) of PostgreSQL 16 says the same, but wants a protocol that would take
// several statements in one text.
//
// Planning may run functions that are declared immutable, as the connection's user. The session is read-only, and only
// SELECT, INSERT, UPDATE, DELETE and MERGE, one statement each, are planned.
#pragma once

#include <string>
#include <string_view>

#include "replay/database/connection.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

struct QueryPlan {
  std::string text;       // as EXPLAIN prints it
  std::string root_node;  // "Limit", "Index Scan"
  double total_cost = 0;
  bool has_sequential_scan = false;
  std::string error;  // why there is none; then everything else is empty
};

inline constexpr std::size_t plan_text_size_max = 64 * 1024;

// Never an Error: a query that cannot be planned says why in QueryPlan::error. `text` is a normalised text with $1, $2.
[[nodiscard]] QueryPlan explain_generic(DatabaseConnection& connection, std::string_view text);

// What EXPLAIN printed, taken apart.
[[nodiscard]] QueryPlan read_plan(std::string text);

}  // namespace understudy
