#include "replay/rehearse/run_order.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/rehearse/rehearse_fixture.hpp"

namespace understudy {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(RunOrder, NoisePairsComeFirstThenAbba) {
  std::string order;
  for (const RunPlace& place : run_order({.count = 4, .noise_count = 1})) {
    order += place.side == RunSide::baseline ? 'A' : 'B';
    EXPECT_EQ(place.number, order.size());
  }
  EXPECT_EQ(order,
            "AA"
            "AB"
            "BA"
            "AB"
            "BA");
}

TEST(RunOrder, FoldersAreNamedByNumberAndSide) {
  const auto order = run_order({.count = 1, .noise_count = 1});
  EXPECT_EQ(order[0].folder(), "runs/001-baseline");
  EXPECT_EQ(order[3].folder(), "runs/004-candidate");
  EXPECT_TRUE(order[1].is_second);
}

TEST(RunOrder, TheTextSaysWhatWouldHappenAndHoldsNoSecret) {
  RehearsalPlan plan =
      rehearse_test::plan_with("[environment]\nmaintenance = true\n[pairs]\ncount = 1\naa = 0\nwarm-up = \"5s\"\n");
  plan.candidate.migrate = "psql -f migrate.sql";
  plan.candidate.url = "http://me:secret@127.0.0.1:8082";
  const std::string text = order_text(plan);
  EXPECT_THAT(text, HasSubstr("migrate the candidate: psql -f migrate.sql"));
  EXPECT_THAT(text, HasSubstr("pair 1: play to the candidate at http://127.0.0.1:8082"));
  EXPECT_THAT(text, HasSubstr("before each run: 5 s of warm-up"));
  EXPECT_LT(text.find("maintenance mode on"), text.find("migrate the candidate"));
  EXPECT_LT(text.find("migrate the candidate"), text.find("maintenance mode off"));
  EXPECT_THAT(text, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace understudy
