#include "replay/report/comparison_result.hpp"

#include <gtest/gtest.h>

#include "replay/report/reports.hpp"
#include "sample_run.hpp"

namespace understudy {
namespace {

TEST(ComparisonResult, GoesFromTheBookIntoTheResult) {
  RouteTable routes = RouteTable::compile({}).value();
  DifferenceBook book;
  const RouteId orders = routes.route_of("GET", "/orders/8213");
  Differences none;
  Differences status;
  status.add({DifferenceKind::status, "200 -> 500", "200", "500", 0});
  for (std::uint64_t i = 0; i < 8; ++i) book.add({orders, i, "GET", "/orders/8213"}, none, nullptr);
  for (std::uint64_t i = 8; i < 10; ++i) book.add({orders, i, "GET", "/orders/8213"}, status, nullptr);
  book.note_not_compared(NotCompared::no_expected);

  const ComparisonCounts live = comparison_counts(book.totals());
  EXPECT_EQ(live.compared, 10U);
  EXPECT_EQ(live.different, 2U);
  EXPECT_EQ(live.status_mismatches, 2U);
  EXPECT_EQ(live.not_comparable, 1U);

  RunResult result = test::sample_run();
  set_comparison(book.summary(routes), book.totals(), routes, result);
  EXPECT_EQ(result.load.comparison.status_mismatches, 2U);
  ASSERT_EQ(result.routes[0].name, routes.name(orders));
  EXPECT_EQ(result.routes[0].comparison.compared, 10U);
  EXPECT_EQ(result.routes[0].comparison.status_mismatches, 2U);
  EXPECT_EQ(result.routes[1].comparison.compared, 0U);
  EXPECT_NE(result.differences_text.find("200 -> 500"), std::string::npos) << result.differences_text;
  EXPECT_NE(result_json(result).find("200 -> 500"), std::string::npos);
  EXPECT_NE(summary_text(result).find("Compared   10 pairs: 2 differ (20 %), 2 in status; 1 not comparable\n"),
            std::string::npos);
}

}  // namespace
}  // namespace understudy
