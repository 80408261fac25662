// Whole exchanges: two builds of a sample service, and what is the candidate's fault among what differs.
#include "replay/compare/comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <optional>

#include "replay/compare/difference_report.hpp"
#include "tests/unit/compare/compare_fixture.hpp"

namespace understudy {
namespace {

using test::respond;
using test::respond_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The service: orders with a price that is rounded by each build in its own way, tags in any order, and the time.
HttpMessage order(int id, int clock, std::string_view state, double price, bool turned) {
  return respond_json("{\"id\":" + std::to_string(id) + ",\"state\":\"" + std::string(state) + "\",\"price\":" +
                      std::to_string(price) + ",\"tags\":" + (turned ? "[\"b\",\"a\"]" : "[\"a\",\"b\"]") +
                      ",\"meta\":{\"served_at\":" + std::to_string(clock) + "}}");
}

class ComparisonTest : public ::testing::Test {
 protected:
  CompareVerdict add(std::string_view target, const HttpMessage* expected, const HttpMessage* candidate,
                     const std::optional<HttpMessage>& second = std::nullopt) {
    ComparedExchange exchange;
    exchange.request = {routes.route_of("GET", target), ++number, "GET", target};
    exchange.expected = expected;
    exchange.candidate = candidate;
    exchange.second_baseline = second ? &*second : nullptr;
    exchange.has_second_baseline = second.has_value();
    exchange.candidate_failure = "timed out";
    return comparison->add(exchange);
  }

  void start(const CompareOptions& options) { comparison.emplace(CompareRules::compile(options).value()); }

  std::vector<std::string> told() const {
    std::vector<std::string> lines;
    for (const DifferenceGroup& group : comparison->book().summary(routes).differences) {
      lines.push_back(std::to_string(group.candidate) + " " + std::string(routes.name(group.route)) + " " +
                      std::string(to_string(group.kind)) + " " + group.shape);
    }
    return lines;
  }

  RouteTable routes = RouteTable::compile({}).value();
  std::optional<Comparison> comparison;
  std::uint64_t number = 0;
};

TEST_F(ComparisonTest, TwoBuildsDifferInExactlyWhatIsTrue) {
  CompareOptions options;
  options.tolerance = {"/price=0.01"};
  options.unordered = {"/tags"};
  start(options);
  for (int i = 0; i < 200; ++i) {
    const std::string target = "/orders/" + std::to_string(1000 + i) + "?n=" + std::to_string(i);
    const HttpMessage baseline = order(i, 10 * i, "open", 9.99, false);
    const std::optional<HttpMessage> second = order(i, 10 * i + 1, "open", 9.99, i % 3 == 0);
    // The candidate says "closed" for each fourth order, and fails for each tenth.
    const HttpMessage candidate = i % 10 == 9 ? respond("broken", "Content-Type: text/plain\r\n", 500)
                                              : order(i, 10 * i + 2, i % 4 == 0 ? "closed" : "open", 9.985, i % 2 == 0);
    static_cast<void>(add(target, &baseline, &candidate, second));
  }
  EXPECT_THAT(told(), ElementsAre("50 GET /orders/{id} json_value /state", "20 GET /orders/{id} status 200 -> 500"));
  const CompareTotals& totals = comparison->book().totals();
  EXPECT_EQ(totals.compared.value(), 200U);
  EXPECT_EQ(totals.different.value(), 70U);
  EXPECT_EQ(totals.equal.value(), 130U);
  EXPECT_EQ(totals.noise_only.value(), 130U);
  EXPECT_EQ(totals.status.value(), 20U);
  EXPECT_EQ(totals.bodies.value(), 50U);
  EXPECT_DOUBLE_EQ(comparison->book().status_mismatch_rate(routes).value(), 0.1);
}

TEST_F(ComparisonTest, WithoutASecondBaselineARuleLeavesOutTheTime) {
  CompareOptions options;
  options.ignore = {"/meta/served_at"};
  options.tolerance = {"0.1%"};
  start(options);
  const HttpMessage recorded = order(1, 1, "open", 9.99, false);
  const HttpMessage same = order(1, 2, "open", 9.985, false);
  const HttpMessage turned = order(1, 2, "open", 9.99, true);
  EXPECT_EQ(add("/orders/1", &recorded, &same), CompareVerdict::equal);
  EXPECT_EQ(add("/orders/1", &recorded, &turned), CompareVerdict::different);
  EXPECT_THAT(told(), ElementsAre("1 GET /orders/{id} json_order /tags"));
}

TEST_F(ComparisonTest, WhatCannotBeComparedIsCountedByReason) {
  start({});
  const HttpMessage response = respond("x");
  EXPECT_EQ(add("/a", nullptr, &response), CompareVerdict::not_compared);
  ComparedExchange cut;
  cut.expected = &response;
  cut.candidate = &response;
  cut.expected_complete = false;
  EXPECT_EQ(comparison->add(cut), CompareVerdict::not_compared);
  comparison->note_dropped();
  const CompareTotals& totals = comparison->book().totals();
  for (const Counter& counter : totals.not_compared) EXPECT_EQ(counter.value(), 1U);
  EXPECT_EQ(totals.compared.value(), 0U);
}

TEST_F(ComparisonTest, NoResponseIsADifferenceUnlessTheBaselineFailsAsOften) {
  start({});
  const HttpMessage response = respond("x");
  EXPECT_EQ(add("/a", &response, nullptr), CompareVerdict::different);
  EXPECT_THAT(told(), ElementsAre("1 GET /a no_response timed out"));

  start({});
  for (int i = 0; i < 100; ++i) {
    ComparedExchange exchange;
    exchange.request = {routes.route_of("GET", "/a"), 1, "GET", "/a"};
    exchange.expected = &response;
    exchange.candidate = i % 10 == 0 ? nullptr : &response;
    exchange.has_second_baseline = true;
    exchange.second_baseline = i % 10 == 5 ? nullptr : &response;
    static_cast<void>(comparison->add(exchange));
  }
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(ComparisonTest, ABodyThatWasNotKeptIsCounted) {
  start({});
  const HttpMessage other = respond("y", "X-A: 2\r\n");
  const HttpMessage without = test::read_response_head("HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_EQ(add("/a", &without, &other), CompareVerdict::different);
  EXPECT_EQ(comparison->book().totals().bodies_not_kept.value(), 1U);
  EXPECT_THAT(told(), ElementsAre("1 GET /a header X-A"));
}

TEST_F(ComparisonTest, ReportsAsTextAndAsJson) {
  start({});
  const HttpMessage expected = respond_json("{\"total\":12.5}");
  const HttpMessage actual = respond_json("{\"total\":13}");
  const std::optional<HttpMessage> second = respond_json("{\"total\":12.5,\"noise\":1}");
  static_cast<void>(add("/orders/17?token=secret", &expected, &actual, second));
  static_cast<void>(add("/orders/18", &expected, nullptr, second));
  const CompareSummary summary = comparison->book().summary(routes);

  const std::string text = difference_text(summary, routes, 1);
  EXPECT_THAT(text, HasSubstr("1  GET /orders/{id}  "));
  EXPECT_THAT(text, HasSubstr("1 more kinds of difference"));
  EXPECT_THAT(text, HasSubstr("1 kinds left out as noise"));
  EXPECT_THAT(difference_text(summary, routes, 10),
              HasSubstr("json_value /total\n           expected 12.5, got 13; request 1, GET /orders/17?token=*\n"));

  JsonWriter json;
  write_differences(json, summary, comparison->book().totals(), routes);
  const boost::json::value value = boost::json::parse(json.take());
  EXPECT_EQ(value.at("compared").as_int64(), 2);
  EXPECT_EQ(value.at("status_mismatches").as_int64(), 1);
  EXPECT_EQ(value.at("by_kind").at("json_value").as_int64(), 1);
  ASSERT_EQ(value.at("differences").as_array().size(), 2U);
  const boost::json::value& group = value.at("differences").at(1);
  EXPECT_EQ(group.at("route").as_string(), "GET /orders/{id}");
  EXPECT_EQ(group.at("shape").as_string(), "/total");
  EXPECT_EQ(group.at("first").at(0).at("target").as_string(), "/orders/17?token=*");
  EXPECT_EQ(value.at("noise").at(0).at("baseline_count").as_int64(), 1);
  EXPECT_EQ(value.at("routes").at(0).at("different").as_int64(), 2);
}

}  // namespace
}  // namespace understudy
