#include "replay/database/plans.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

TEST(Plan, IsTakenApart) {
  const QueryPlan plan = read_plan(
      "Limit  (cost=6811.00..6811.01 rows=1 width=60)\n"
      "  ->  Sort  (cost=6811.00..6811.01 rows=1 width=60)\n"
      "        Sort Key: id DESC\n"
      "        ->  Parallel Seq Scan on reading  (cost=0.00..6811.00 rows=1 width=60)\n");
  EXPECT_EQ(plan.root_node, "Limit");
  EXPECT_DOUBLE_EQ(plan.total_cost, 6811.01);
  EXPECT_TRUE(plan.has_sequential_scan);
  EXPECT_FALSE(read_plan("Index Scan using a on b  (cost=0.42..8.44 rows=1 width=8)\n").has_sequential_scan);
}

TEST(Plan, OfAnotherFormIsOnlyText) {
  const QueryPlan plan = read_plan("something else\nLimit  (cost=1.00..2.00 rows=1 width=60)\n");
  EXPECT_EQ(plan.root_node, "");
  EXPECT_EQ(plan.total_cost, 0);
  EXPECT_TRUE(read_plan("").text.empty());
}

}  // namespace
}  // namespace understudy
