#include "replay/report/reports.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "replay/report/objective.hpp"
#include "replay/report/verdict.hpp"
#include "sample_run.hpp"

namespace understudy {
namespace {

using test::sample_run;

RunResult judged_run() {
  RunResult result = sample_run();
  evaluate_objectives({Objective::parse("p99 > 250ms").value(), Objective::parse("5xx > 0").value(),
                       Objective::parse("route(\"<a & 'b'>\") max > 1s").value()},
                      result);
  judge({}, result);
  return result;
}

TEST(ResultJson, HasEveryFigure) {
  RunResult result = judged_run();
  result.held_back = {{"writes", 7}};
  result.baseline = result.load;
  result.differences_json = R"({"compared":3})";
  const boost::json::value json = boost::json::parse(result_json(result));
  EXPECT_EQ(json.at("schema"), 1);
  EXPECT_EQ(json.at("start"), "2026-01-02T03:00:00.000000000Z");
  EXPECT_EQ(json.at("recording").at("completeness"), "complete");
  EXPECT_EQ(json.at("options").at(0).at("flag"), "--rate");
  EXPECT_EQ(json.at("verdict").at("kind"), "failed");
  EXPECT_EQ(json.at("verdict").at("exit_code"), 17);
  EXPECT_EQ(json.at("objectives").as_array().size(), 3U);
  EXPECT_EQ(json.at("objectives").at(2).at("state"), "not_decidable");
  EXPECT_EQ(json.at("duration_seconds").to_number<double>(), 60);
  EXPECT_EQ(json.at("target_rate").to_number<double>(), 1'000);
  EXPECT_EQ(json.at("achieved_rate").to_number<double>(), 1'000);
  const boost::json::value& load = json.at("load");
  EXPECT_EQ(load.at("sent"), 60'000);
  EXPECT_EQ(load.at("completed"), 59'940);
  EXPECT_EQ(load.at("errors"), 300);
  EXPECT_EQ(load.at("classes").at("5xx"), 240);
  EXPECT_EQ(load.at("statuses").at("404"), 300);
  EXPECT_EQ(load.at("lost_by").at("timed_out"), 60);
  EXPECT_NEAR(load.at("latency_ms").at("p99").to_number<double>(), 99, 0.1);
  EXPECT_NEAR(load.at("service_latency_ms").at("p99").to_number<double>(), 49.5, 0.1);
  EXPECT_NEAR(load.at("lateness_ms").at("max").to_number<double>(), 0.01, 0.0001);
  EXPECT_EQ(json.at("baseline").at("sent"), 60'000);
  EXPECT_EQ(json.at("held_back").at("writes"), 7);
  EXPECT_EQ(json.at("differences").at("compared"), 3);
  EXPECT_EQ(json.at("routes").at(0).at("name"), "GET /orders/{id}");
  EXPECT_EQ(json.at("series").at(0).at("errors"), 4);
  EXPECT_TRUE(json.at("series").at(1).at("target_rate").is_null());
}

TEST(ResultJson, OfAnEmptyRunIsValid) {
  const boost::json::value json = boost::json::parse(result_json(RunResult{}));
  EXPECT_TRUE(json.at("target_rate").is_null());
  EXPECT_TRUE(json.at("differences").is_null());
  EXPECT_TRUE(json.at("baseline_target").is_null());
  EXPECT_EQ(json.at("load").at("latency_ms"), (boost::json::value{{"count", 0}}));
}

TEST(Csv, HasALineForEachSecondAndEachRoute) {
  EXPECT_EQ(seconds_csv(sample_run()),
            "second,seconds,target_rate,due,sent,completed,errors,latency_p50_ms,latency_p99_ms,lateness_p99_ms\n"
            "0,1,1000.000,1000,1000,998,4,50.000,99.000,0.010\n"
            "1,1,,1000,1000,1000,0,0.000,0.000,0.000\n");
  const std::string routes = routes_csv(sample_run());
  EXPECT_NE(routes.find("\nGET /orders/{id},2000,2000,0,0,2000,0,0,0,5.000,"), std::string::npos) << routes;
  EXPECT_NE(routes.find("\n\"GET /a,\"\"b\"\"\",10,10,0,0,10,0,0,0,500.000,"), std::string::npos) << routes;
}

TEST(Csv, EveryLineHasAsManyFields) {
  RunResult result = sample_run();
  result.routes[0].name = "GET /x";
  result.routes[1].name = "GET /y";
  result.routes[1].outcomes.latency = {};
  for (const std::string& csv : {seconds_csv(result), routes_csv(result)}) {
    std::optional<std::ptrdiff_t> commas;
    for (std::size_t begin = 0; begin < csv.size();) {
      const std::size_t end = csv.find('\n', begin);
      const std::string line = csv.substr(begin, end - begin);
      const auto count = std::count(line.begin(), line.end(), ',');
      EXPECT_EQ(commas.value_or(count), count) << line;
      commas = count;
      begin = end + 1;
    }
  }
}

TEST(JUnit, HasACaseForTheVerdictAndForEachObjective) {
  EXPECT_EQ(junit_xml(judged_run()), R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" failures="1" errors="1" time="60.000">
  <testsuite name="understudy-replay" tests="4" failures="1" errors="1" time="60.000" skipped="0" timestamp="2026-01-02T03:00:00">
    <testcase classname="understudy-replay" name="verdict" time="60.000"/>
    <testcase classname="understudy-replay.objectives" name="p99 &gt; 250ms" time="60.000">
      <system-out>p99 = 99 ms (of 59,940)</system-out>
    </testcase>
    <testcase classname="understudy-replay.objectives" name="5xx &gt; 0" time="60.000">
      <failure message="5xx = 240" type="objective"/>
    </testcase>
    <testcase classname="understudy-replay.objectives" name="route(&quot;&lt;a &amp; &apos;b&apos;&gt;&quot;) max &gt; 1s" time="60.000">
      <error message="no request had the route &quot;&lt;a &amp; &apos;b&apos;&gt;&quot;" type="not decidable"/>
    </testcase>
  </testsuite>
</testsuites>
)");
}

TEST(JUnit, HoldsOnlyWhatXmlMayHold) {
  RunResult result = sample_run();
  result.end = RunEnd::aborted;
  result.end_reason = std::string("a\0b\x1b\xff \xef\xbf\xbf \xef\xbf\xbe \xc3\xb6", 16);
  judge({}, result);
  const std::string xml = junit_xml(result);
  EXPECT_NE(
      xml.find(
          "<failure message=\"a\\u0000b\\u001b\xef\xbf\xbd \xef\xbf\xbd \xef\xbf\xbd \xc3\xb6\" type=\"aborted\"/>"),
      std::string::npos)
      << xml;
}

}  // namespace
}  // namespace understudy
