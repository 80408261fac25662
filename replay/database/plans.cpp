#include "replay/database/plans.hpp"

#include <fmt/format.h>

#include <charconv>

#include "replay/database/query_fingerprint.hpp"

namespace understudy {
namespace {

constexpr const char* statement_name = "understudy_plan";

std::string joined_lines(const DatabaseRows& rows) {
  std::string text;
  for (std::size_t row = 0; row < rows.size() && text.size() < plan_text_size_max; ++row) {
    text += rows.text(row, 0);
    text += '\n';
  }
  if (text.size() > plan_text_size_max) text.resize(plan_text_size_max);
  return text;
}

QueryPlan no_plan(std::string why) {
  QueryPlan plan;
  plan.error = std::move(why);
  return plan;
}

// The server is told to prepare the text, and asked for the plan with nulls as parameters, which a generic plan does
// not look at.
Result<DatabaseRows> explain_prepared(DatabaseConnection& connection, std::string_view text) {
  auto prepared = connection.query(fmt::format("PREPARE {} AS {}", statement_name, text));
  if (!prepared) return prepared;
  const auto end = [&](Result<DatabaseRows> result) {
    (void)connection.query(fmt::format("DEALLOCATE {}", statement_name));
    return result;
  };
  auto count = connection.query("SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = $1",
                                {statement_name});
  if (!count) return end(std::move(count));
  std::string nulls;
  for (std::int64_t i = 0; count->size() == 1 && i < count->integer(0, 0); ++i) nulls += i == 0 ? "NULL" : ", NULL";
  auto mode = connection.query("SELECT set_config('plan_cache_mode', 'force_generic_plan', false)");
  if (!mode) return end(std::move(mode));
  return end(connection.query(
      fmt::format("EXPLAIN EXECUTE {}{}", statement_name, nulls.empty() ? "" : fmt::format("({})", nulls))));
}

}  // namespace

QueryPlan explain_generic(DatabaseConnection& connection, std::string_view text) {
  if (!is_explainable(text)) return no_plan("no single SELECT, INSERT, UPDATE, DELETE or MERGE that can be parsed");
  auto rows = explain_prepared(connection, text);
  if (!rows) return no_plan(rows.error().message);
  return read_plan(joined_lines(*rows));
}

// "Limit  (cost=0.42..8.44 rows=1 width=8)"; nodes below begin with "->".
QueryPlan read_plan(std::string text) {
  QueryPlan plan;
  plan.text = std::move(text);
  const std::size_t cost = plan.text.find("  (cost=");
  const std::size_t first_line = plan.text.find('\n');
  if (cost == std::string::npos || cost > first_line) return plan;
  plan.root_node = plan.text.substr(0, cost);
  const std::size_t total = plan.text.find("..", cost);
  if (total != std::string::npos) {
    const char* begin = plan.text.data() + total + 2;
    (void)std::from_chars(begin, plan.text.data() + plan.text.size(), plan.total_cost);
  }
  plan.has_sequential_scan = plan.text.find("Seq Scan on ") != std::string::npos;
  return plan;
}

}  // namespace understudy
