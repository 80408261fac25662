#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "replay/report/figure.hpp"
#include "replay/report/objective.hpp"

namespace understudy {
namespace {

std::string error_of(std::string_view text) {
  const auto objective = Objective::parse(text);
  if (objective) return "no error";
  EXPECT_EQ(objective.error().code, ExitCode::usage);
  return objective.error().message;
}

TEST(ObjectiveParser, TakesWhatTheDocumentationShows) {
  for (const char* text : {"p99 > 250ms",
                           "p99.9>1s",
                           "p99.999 >= 1h30m",
                           "median > 1ms",
                           "mean > 1.5s",
                           "max > 2s",
                           "min < 1us",
                           "latency p99 > 250ms",
                           "latency.due p99 > 250ms",
                           "latency.service p99 > 250ms",
                           "lateness p99 > 5ms",
                           "wait max > 1s",
                           "errors > 1%",
                           "errors > 10",
                           "errors>=0.1 %",
                           "status_mismatch > 0.1%",
                           "rate < 95%",
                           "rate < 950/s",
                           "5xx > 0",
                           "404 > 0.5%",
                           "timeouts > 10",
                           "connect_failed > 0",
                           "count < 1000",
                           "completed < 99%",
                           "route(\"GET /orders/{id}\") p99.9 > 1s",
                           "route('GET /x') errors > 1% and count > 10",
                           "route(\"GET /x\") latency.service mean > 3ms",
                           "(p99 > 1s or errors > 1%) and count >= 1000",
                           "p99 > 1s || 5xx > 0 && 404 != 3",
                           "((((p50 > 1ms))))",
                           "different > 0",
                           "P99 > 1s"}) {
    if (std::string_view(text) == "P99 > 1s") {
      EXPECT_FALSE(Objective::parse(text)) << "names are case-sensitive";
      continue;
    }
    EXPECT_EQ(error_of(text), "no error") << text;
  }
}

TEST(ObjectiveParser, ErrorsSayWhereAndWhatWasExpected) {
  EXPECT_EQ(error_of("p99 > 250"),
            "cannot read the objective at character 7, \"250\": expected a time with its unit, as in \"250ms\"");
  EXPECT_EQ(error_of("p99 > 1%"),
            "cannot read the objective at character 7, \"1%\": expected a time with its unit, as in \"250ms\"");
  EXPECT_EQ(error_of("errors > 250ms"),
            "cannot read the objective at character 10, \"250ms\": expected a number of requests, as in \"10\", or a "
            "share, as in \"0.1%\"");
  EXPECT_EQ(
      error_of("count > 5%"),
      "cannot read the objective at character 9, \"5%\": expected a number, as in \"1000\"; there is no share of it");
  EXPECT_EQ(
      error_of("rate < 950"),
      "cannot read the objective at character 8, \"950\": expected a share of the target rate, as in \"95%\", or a "
      "rate, as in \"950/s\"");
  EXPECT_EQ(error_of("p99 250ms"),
            "cannot read the objective at character 5, \"250ms\": expected one of >, >=, <, <=, = and !=");
  EXPECT_EQ(error_of("p99 > 1s nd errors > 1%"),
            "cannot read the objective at character 10, \"nd errors > 1%\": expected \"and\", \"or\" or the end");
  EXPECT_EQ(error_of("(p99 > 1s"),
            "cannot read the objective at character 10, the end: expected \"and\", \"or\" or \")\"");
  EXPECT_EQ(error_of("latency > 1s"),
            "cannot read the objective at character 9, \"> 1s\": expected p50, p99.9, median, mean, min or max behind "
            "\"latency\"");
  EXPECT_EQ(
      error_of("route(GET) p99 > 1s"),
      "cannot read the objective at character 7, \"GET) p99 > 1s\": expected a route in quotes, as in route(\"GET "
      "/orders/{id}\")");
  EXPECT_EQ(error_of("route(\"GET /x\") rate < 5%"),
            "cannot read the objective at character 17, \"rate < 5%\": expected a figure that is kept for each route; "
            "\"rate\" is not");
}

TEST(ObjectiveParser, AnUnknownNameListsThoseThereAre) {
  const std::string error = error_of("p99 > 1s and erors > 1%");
  EXPECT_TRUE(
      error.starts_with("cannot read the objective at character 14, \"erors > 1%\": expected a figure: p50 to "))
      << error;
  for (const FigureName& name : figure_names())
    EXPECT_NE(error.find(std::string(name.name)), std::string::npos) << name.name;
  EXPECT_NE(error.find("connection_lost"), std::string::npos);
}

TEST(ObjectiveParser, RefusesWhatMakesNoSense) {
  for (const char* text : {"",
                           " ",
                           "p100 > 1s",
                           "p > 1s",
                           "p9.9999 > 1s",
                           "p99. > 1s",
                           "p99",
                           "> 1s",
                           "p99 >",
                           "p99 > -1s",
                           "600 > 0",
                           "099 > 0",
                           "6xx > 0",
                           "p99 > 1s and",
                           "and p99 > 1s",
                           "p99 > 1s)",
                           "()",
                           "p99 > 1s for 10s",
                           "5 > p99",
                           "errors > 1 %%",
                           "route(\"GET /x\" p99 > 1s",
                           "lateness > 5ms"}) {
    EXPECT_TRUE(error_of(text).starts_with("cannot read the objective at character "))
        << text << ": " << error_of(text);
  }
}

TEST(ObjectiveParser, IsBounded) {
  EXPECT_EQ(error_of(std::string(32, '(') + "p99 > 1s" + std::string(32, ')')), "no error");
  EXPECT_NE(error_of(std::string(33, '(') + "p99 > 1s" + std::string(33, ')')).find("parentheses at most 32 deep"),
            std::string::npos);
  EXPECT_NE(error_of(std::string(5'000, ' ') + "p99 > 1s").find("too long"), std::string::npos);
}

TEST(ObjectiveParser, TheDocumentationListsEveryName) {
  std::ifstream file(UNDERSTUDY_SOURCE_DIR "/docs/objectives.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  for (const FigureName& name : figure_names()) {
    EXPECT_NE(page.find("`" + std::string(name.name) + "`"), std::string::npos) << name.name;
  }
  for (std::size_t i = 0; i < loss_reason_count; ++i) {
    const std::string_view name = to_string(static_cast<LossReason>(i));
    EXPECT_NE(page.find("`" + std::string(name) + "`"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace understudy
