// rehearsal.json is what docs/rehearsal-example.json shows: the same members, no more and no fewer.
#include "replay/rehearse/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <set>
#include <string>

#include "tests/support/files.hpp"
#include "tests/unit/rehearse/rehearse_fixture.hpp"

namespace understudy {
namespace {

using rehearse_test::plan_with;
using rehearse_test::story;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

[[nodiscard]] RehearsalOutcome outcome_of(const RehearsalPlan& plan) {
  RehearsalState state;
  state.started_at = "2026-03-02T09:00:00Z";
  state.finished_at = "2026-03-02T09:41:10Z";
  state.end = "whole";
  state.end_reason.clear();
  state.baseline = {"", "1.0", "2016"};
  state.steps.push_back({"migrate", "2026-03-02T09:01:00Z", 12.5, 0, "ALTER TABLE\n"});
  state.tests_json = R"({"no_worse":true,"tests":[{"name":"a","change":"passes","error":""}]})";
  state.statistics.push_back({"before and after", "passed", R"({"verdict":"passed","counts":{},"paths":[]})"});
  auto records = story(plan);
  // A query that only the candidate has, responses that were compared, a metric on one route.
  for (RunRecord& record : records) {
    if (record.place.side == RunSide::candidate) {
      record.database->classes.push_back({"77", "SELECT 1", {{Metric::blocks_read, 2}}, {}, {}});
    }
    record.result.routes[0].comparison.compared = 999;
  }
  return judge_records(plan, std::move(state), std::move(records), std::nullopt);
}

[[nodiscard]] RehearsalPlan full_plan() {
  return plan_with("fail-if = \"p99 > 250ms\"\n[forecast]\nvolume = \"gp2:100GiB\"\n");
}

[[nodiscard]] boost::json::value document() {
  const RehearsalPlan plan = full_plan();
  return boost::json::parse(rehearsal_json(plan, outcome_of(plan), "1.0.0"));
}

// Members whose own members are free.
const std::set<std::string> open_members = {"settings", "values", "statuses", "held_back",
                                            "lost_by",  "counts", "tests"};

// Every path of members, arrays as "[]".
void collect(const boost::json::value& value, const std::string& path, std::set<std::string>& paths) {
  if (const auto* array = value.if_array()) {
    for (const auto& item : *array) collect(item, path + "[]", paths);
    return;
  }
  const auto* object = value.if_object();
  if (object == nullptr) return;
  for (const auto& member : *object) {
    const std::string name(member.key());
    const std::string below = path + "/" + name;
    paths.insert(below);
    if (!open_members.contains(name)) collect(member.value(), below, paths);
  }
}

TEST(Document, HasTheMembersOfTheExampleAndNoOthers) {
  std::set<std::string> shown;
  std::set<std::string> written;
  collect(boost::json::parse(test::content_of(std::string(UNDERSTUDY_SOURCE_DIR) + "/docs/rehearsal-example.json")), "",
          shown);
  collect(document(), "", written);
  std::vector<std::string> undocumented;
  std::ranges::set_difference(written, shown, std::back_inserter(undocumented));
  // A latency is described once; the example shortens some.
  std::erase_if(undocumented, [](const std::string& path) { return path.find("_ms/") != std::string::npos; });
  EXPECT_THAT(undocumented, IsEmpty());
  std::vector<std::string> missing;
  std::ranges::set_difference(shown, written, std::back_inserter(missing));
  EXPECT_THAT(missing, IsEmpty());
}

TEST(Document, TellsTheStory) {
  const auto json = document();
  EXPECT_EQ(json.at_pointer("/verdict/kind").as_string(), "improved");
  EXPECT_EQ(json.at_pointer("/verdict/stands_out/0/name").as_string(), "INSERT INTO events VALUES ($1)");
  EXPECT_EQ(json.at_pointer("/query_classes/0/plans/changed").as_bool(), true);
  EXPECT_EQ(json.at_pointer("/query_classes/0/attribution").as_string(), "time");
  EXPECT_EQ(json.at_pointer("/pairs").as_array().size(), 10U);
  EXPECT_EQ(json.at_pointer("/pairs/3/order").as_string(), "BA");
  EXPECT_EQ(json.at_pointer("/runs").as_array().size(), 20U);
  EXPECT_EQ(json.at_pointer("/runs/0/series/0/device_reads").to_number<double>(), 620);
  EXPECT_EQ(json.at_pointer("/latency/candidate/curve").as_array().size(), 101U);
  EXPECT_EQ(json.at_pointer("/environment/baseline/build_version").as_string(), "1.0");
  EXPECT_EQ(json.at_pointer("/environment/statistics/0/between").as_string(), "before and after");
}

TEST(Document, CreditsAreThoseOfTheForecast) {
  const auto json = document();
  // Worked by hand from docs/forecast.md: the mean of reads is 620 times 1.02, and 40 writes go with them.
  const double seconds = json.at_pointer("/forecast/baseline/high/seconds_to_empty").to_number<double>();
  const double demand = json.at_pointer("/forecast/baseline/high/demand_iops").to_number<double>();
  EXPECT_NEAR(seconds, 5'400'000 / (demand - 300), 1);
  EXPECT_TRUE(json.at_pointer("/forecast/candidate/high/seconds_to_empty").is_null());
  const auto& credits = json.at_pointer("/forecast/baseline/credits").as_array();
  EXPECT_EQ(credits.front().at("low").to_number<double>(), 5'400'000);
  EXPECT_EQ(credits.back().at("low").to_number<double>(), 0);
}

TEST(Document, HoldsNoSecret) {
  RehearsalPlan plan = plan_with(
      "[rules]\nset-header = \"Authorization: Bearer token\"\n[connection]\nproxy = \"http://me:word@proxy:1\"\n");
  plan.baseline.url = "http://me:secret@127.0.0.1:1";
  plan.baseline.database = "postgres://me:secret@db/x";
  const std::string text = rehearsal_json(plan, outcome_of(plan), "1");
  EXPECT_THAT(text, Not(HasSubstr("secret")));
  EXPECT_THAT(text, Not(HasSubstr("token")));
  EXPECT_THAT(text, Not(HasSubstr("word")));
}

TEST(Document, OfNothingIsADocumentToo) {
  const RehearsalPlan plan = full_plan();
  const std::string text = rehearsal_json(plan, judge_records(plan, {}, {}, std::nullopt), "1");
  EXPECT_EQ(boost::json::parse(text).at_pointer("/verdict/kind").as_string(), "inconclusive");
}

}  // namespace
}  // namespace understudy
