#include "replay/compare/difference_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace understudy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Differences differing(std::vector<Difference> list) {
  Differences differences;
  differences.list = std::move(list);
  return differences;
}

Difference value_at(std::string shape, double size = 0) {
  return {DifferenceKind::json_value, std::move(shape), "1", "2", size};
}

Difference status(std::string shape = "200 -> 500") {
  return {DifferenceKind::status, std::move(shape), "200", "500", 0};
}

class DifferenceBookTest : public ::testing::Test {
 protected:
  bool add(const Differences& candidate, const Differences* second = nullptr, std::string_view target = "/orders/1") {
    return book.add({routes.route_of("GET", target), number++, "GET", target}, candidate, second);
  }

  RouteTable routes = RouteTable::compile({}).value();
  DifferenceBook book;
  std::uint64_t number = 1;
  const Differences equal;  // of a second baseline that agrees
};

TEST_F(DifferenceBookTest, GroupsByRouteKindAndShape) {
  EXPECT_TRUE(add({}));
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(add(differing({value_at("/a"), value_at("/b")})));
  EXPECT_FALSE(add(differing({value_at("/a")}), nullptr, "/users/1"));
  EXPECT_FALSE(add(differing({status()})));

  const CompareSummary summary = book.summary(routes);
  ASSERT_EQ(summary.differences.size(), 4U);
  EXPECT_EQ(summary.differences[0].candidate, 5U);
  EXPECT_EQ(summary.differences[0].shape, "/a");
  EXPECT_EQ(routes.name(summary.differences[0].route), "GET /orders/{id}");
  EXPECT_EQ(summary.differences[1].shape, "/b");
  EXPECT_THAT(summary.noise, IsEmpty());
  EXPECT_EQ(summary.compared, 8U);
  EXPECT_EQ(summary.status, 1U);
  ASSERT_EQ(summary.routes.size(), 2U);
  EXPECT_EQ(summary.routes[0].compared, 7U);
  EXPECT_EQ(summary.routes[0].different, 6U);
  EXPECT_EQ(summary.routes[0].status, 1U);

  const CompareTotals& totals = book.totals();
  EXPECT_EQ(totals.compared.value(), 8U);
  EXPECT_EQ(totals.equal.value(), 1U);
  EXPECT_EQ(totals.different.value(), 7U);
  EXPECT_EQ(totals.status.value(), 1U);
  EXPECT_EQ(totals.bodies.value(), 6U);
  EXPECT_EQ(totals.headers.value(), 0U);
  EXPECT_EQ(totals.by_kind[static_cast<std::size_t>(DifferenceKind::json_value)].value(), 6U);
}

TEST_F(DifferenceBookTest, KeepsTheFirstAndTheWorstExamples) {
  for (const double size : {0.1, 0.2, 0.1, 0.3, 0.9, 0.1, 0.5, 0.4}) {
    static_cast<void>(add(differing({value_at("/a", size)}), nullptr, "/orders/1?token=secret&x"));
  }
  const CompareSummary summary = book.summary(routes);
  ASSERT_EQ(summary.differences.size(), 1U);
  const DifferenceGroup& group = summary.differences[0];
  std::vector<std::uint64_t> first;
  for (const DifferenceExample& example : group.first) first.push_back(example.number);
  std::vector<std::uint64_t> worst;
  for (const DifferenceExample& example : group.worst) worst.push_back(example.number);
  EXPECT_THAT(first, ElementsAre(1, 2, 3));
  EXPECT_THAT(worst, ElementsAre(5, 7, 8));
  EXPECT_EQ(group.first[0].target, "/orders/1?token=*&x=*");
  EXPECT_EQ(group.first[0].method, "GET");
}

TEST_F(DifferenceBookTest, RoutesThatBecomeOneAreAddedUp) {
  const auto shop = [](int i) {
    return "/shops/" + std::string(1, static_cast<char>('a' + i % 26)) + (i < 26 ? "x" : "y");
  };
  for (int i = 0; i < 52; ++i) static_cast<void>(add(differing({value_at("/a", i + 1)}), nullptr, shop(i)));
  const CompareSummary summary = book.summary(routes);
  ASSERT_EQ(summary.differences.size(), 1U);
  EXPECT_EQ(routes.name(summary.differences[0].route), "GET /shops/{id}");
  EXPECT_EQ(summary.differences[0].candidate, 52U);
  ASSERT_EQ(summary.differences[0].first.size(), 3U);
  EXPECT_EQ(summary.differences[0].first[0].number, 1U);
  ASSERT_EQ(summary.differences[0].worst.size(), 3U);
  EXPECT_EQ(summary.differences[0].worst[0].number, 52U);
  ASSERT_EQ(summary.routes.size(), 1U);
  EXPECT_EQ(summary.routes[0].compared, 52U);
}

TEST_F(DifferenceBookTest, WhatTheBaselinesDifferInAtTheSameTimeIsNoise) {
  const Differences noise = differing({value_at("/meta")});
  EXPECT_TRUE(add(differing({value_at("/meta")}), &noise));
  EXPECT_TRUE(add(differing({value_at("/meta/time")}), &noise));                                // below it
  EXPECT_TRUE(add(differing({{DifferenceKind::json_missing, "/meta", "1", "2", 0}}), &noise));  // another kind
  EXPECT_FALSE(add(differing({value_at("/metadata")}), &noise));
  EXPECT_FALSE(add(differing({value_at("/meta"), value_at("/price")}), &noise));
  EXPECT_EQ(book.totals().noise_only.value(), 3U);
  EXPECT_EQ(book.totals().equal.value(), 3U);
  const CompareSummary summary = book.summary(routes);
  ASSERT_EQ(summary.differences.size(), 2U);
  EXPECT_EQ(summary.differences[0].shape, "/metadata");
  EXPECT_EQ(summary.differences[1].shape, "/price");
}

TEST_F(DifferenceBookTest, WhatFailsSaysNothingOfHeadersAndBodies) {
  Differences failed = differing({status("200 -> 503")});
  failed.outcome_only = true;
  EXPECT_TRUE(add(differing({value_at("/time")}), &failed));
  EXPECT_THAT(book.summary(routes).differences, IsEmpty());
  // The other way round the field of the baselines counts for nothing, either, but the candidate's failure does.
  const Differences noise = differing({value_at("/time")});
  failed.list = {status("200 -> 500")};
  EXPECT_FALSE(add(failed, &noise));
  const CompareSummary summary = book.summary(routes);
  ASSERT_EQ(summary.differences.size(), 1U);
  EXPECT_EQ(summary.differences[0].kind, DifferenceKind::status);
  ASSERT_EQ(summary.noise.size(), 1U);  // 503 of the second baseline
  EXPECT_EQ(summary.noise[0].baseline, 1U);
}

// A field that differs in one of 20 answers of any server, never in both at once: no exchange alone shows that it is
// noise, all together do.
TEST_F(DifferenceBookTest, AFieldAsNoisyBetweenTheBaselinesIsNoise) {
  std::mt19937 random(3);
  const Differences noise = differing({value_at("/flaky")});
  for (int i = 0; i < 20'000; ++i) {
    const bool candidate = random() % 20 == 0;
    const bool second = random() % 20 == 0;
    static_cast<void>(add(candidate ? noise : Differences(), second ? &noise : &equal));
  }
  const CompareSummary summary = book.summary(routes);
  EXPECT_THAT(summary.differences, IsEmpty());
  ASSERT_EQ(summary.noise.size(), 1U);
  EXPECT_NEAR(static_cast<double>(summary.noise[0].candidate), 950, 150);
  EXPECT_NEAR(static_cast<double>(summary.noise[0].baseline), 950, 150);
}

TEST_F(DifferenceBookTest, ACandidateThatDiffersFarMoreOftenIsReported) {
  std::mt19937 random(3);
  const Differences noise = differing({value_at("/flaky")});
  for (int i = 0; i < 2'000; ++i) {
    const bool candidate = random() % 10 == 0;
    const bool second = random() % 50 == 0;
    static_cast<void>(add(candidate ? noise : Differences(), second ? &noise : &equal));
  }
  const CompareSummary summary = book.summary(routes);
  ASSERT_EQ(summary.differences.size(), 1U);
  EXPECT_GT(summary.differences[0].candidate, 4 * summary.differences[0].baseline);
}

// The rule's promise: among 2,000 fields that are as noisy for the candidate as for the baselines, hardly one is
// reported. By Hoeffding's bound less than 1 in 2,981 would be.
TEST(DifferenceGroup, ChanceHardlyEverMakesADifference) {
  std::mt19937 random(11);
  std::uint64_t reported = 0;
  for (int field = 0; field < 2'000; ++field) {
    DifferenceGroup group;
    for (auto i = random() % 400; i > 0; --i) ++(random() % 2 == 0 ? group.candidate : group.baseline);
    group.both = 1;
    if (!group.is_noise()) ++reported;
  }
  EXPECT_LE(reported, 1U);
}

TEST(DifferenceGroup, NoiseNeedsToHaveBeenSeen) {
  const auto is_noise = [](std::uint64_t candidate, std::uint64_t baseline, std::uint64_t both) {
    DifferenceGroup group;
    group.candidate = candidate;
    group.baseline = baseline;
    group.both = both;
    return group.is_noise();
  };
  EXPECT_FALSE(is_noise(1, 0, 0));
  EXPECT_TRUE(is_noise(1, 0, 1));
  EXPECT_TRUE(is_noise(16, 0, 1));
  EXPECT_FALSE(is_noise(17, 0, 1));
  EXPECT_TRUE(is_noise(0, 5, 0));
  EXPECT_TRUE(is_noise(100, 100, 0));
  EXPECT_FALSE(is_noise(100, 50, 0));
}

TEST_F(DifferenceBookTest, TellsTheRateOfStatusMismatches) {
  EXPECT_EQ(book.status_mismatch_rate(routes), std::nullopt);
  for (int i = 0; i < 6; ++i) static_cast<void>(add({}));
  static_cast<void>(add(differing({status()})));
  static_cast<void>(add(differing({{DifferenceKind::no_response, "timed out", "", "", 0}}), nullptr, "/users/1"));
  EXPECT_DOUBLE_EQ(book.status_mismatch_rate(routes).value(), 2.0 / 8);
  EXPECT_DOUBLE_EQ(book.status_mismatch_rate(routes, routes.route_of("GET", "/orders/9")).value(), 1.0 / 7);
  EXPECT_DOUBLE_EQ(book.status_mismatch_rate(routes, routes.route_of("GET", "/users/9")).value(), 1.0);
  EXPECT_EQ(book.status_mismatch_rate(routes, routes.route_of("PUT", "/users/9")), std::nullopt);
}

TEST_F(DifferenceBookTest, StatusThatIsNoiseIsNoMismatch) {
  const Differences failed = differing({status("200 -> 503")});
  for (int i = 0; i < 100; ++i) {
    static_cast<void>(add(i % 10 == 0 ? failed : Differences(), i % 10 == 5 ? &failed : &equal));
  }
  EXPECT_DOUBLE_EQ(book.status_mismatch_rate(routes).value(), 0);
  EXPECT_EQ(book.summary(routes).status, 0U);
}

TEST_F(DifferenceBookTest, AMillionExchangesTakeBoundedMemory) {
  // Nothing is the same twice: each exchange differs in a place of its own, with a long value, and a long target.
  const std::string text(shown_value_max, 'x');
  const std::string target = "/orders/1/" + std::string(300, 'y');
  const RouteId route = routes.route_of("GET", target);
  std::size_t memory_at_limit = 0;
  Differences differences = differing({value_at("/a"), value_at("/b", 1)});
  for (std::uint64_t i = 0; i < 1'000'000; ++i) {
    if (i % 10 == 0) {
      differences.list[0] = {DifferenceKind::json_value, "/deep/in/the/value/" + std::to_string(i), text, text, 0};
    }
    differences.list[1].size = static_cast<double>(i % 1000);
    static_cast<void>(book.add({route, i, "GET", target}, differences, nullptr));
    if (i == 200'000) memory_at_limit = book.memory();
  }
  EXPECT_EQ(book.totals().compared.value(), 1'000'000U);
  EXPECT_LE(book.memory(), 32U << 20U);
  EXPECT_NEAR(static_cast<double>(book.memory()), static_cast<double>(memory_at_limit), 1000);
  const CompareSummary summary = book.summary(routes);
  EXPECT_EQ(summary.differences.size(), DifferenceBook::groups_max);
  std::uint64_t counted = summary.beyond;
  for (const DifferenceGroup& group : summary.differences) counted += group.candidate;
  EXPECT_EQ(counted, 2'000'000U);
}

}  // namespace
}  // namespace understudy
