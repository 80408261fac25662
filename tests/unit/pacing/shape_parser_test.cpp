#include <gtest/gtest.h>

#include "replay/pacing/pacing_options.hpp"
#include "replay/pacing/shape.hpp"

namespace understudy {
namespace {

std::string words_of(std::string_view text) {
  const auto shape = Shape::parse(text);
  return shape ? shape->words() : "error: " + shape.error().message;
}

std::string error_of(std::string_view text) {
  const auto shape = Shape::parse(text);
  if (shape) return "no error: " + shape->words();
  EXPECT_EQ(shape.error().code, ExitCode::usage);
  return shape.error().message;
}

TEST(ShapeParser, TakesEachFormOfASegment) {
  EXPECT_EQ(words_of("500/s"), "500/s");
  EXPECT_EQ(words_of("30/m"), "0.5/s");
  EXPECT_EQ(words_of("7200 / h"), "2/s");
  EXPECT_EQ(words_of("10k/s for 1m"), "10,000/s for 1 min");
  EXPECT_EQ(words_of("3333.3/s for 1h30m"), "3,333.3/s for 1 h 30 min");
  EXPECT_EQ(words_of("step to 500/s for 30s"), "500/s for 30 s");
  EXPECT_EQ(words_of("RAMP From 10/s TO 20/s Over 5m"), "a ramp from 10/s to 20/s over 5 min");
  EXPECT_EQ(words_of("ramp to 20/s for 5m"), "a ramp from 0/s to 20/s over 5 min");
  EXPECT_EQ(words_of("sine 1/s..2/s every 1m for 2m"), "a sine between 1/s and 2/s every 1 min for 2 min");
  EXPECT_EQ(words_of("sine 60/m..2/s every 1m"), "a sine between 1/s and 2/s every 1 min");
  EXPECT_EQ(words_of("pause for 5s,1/s"), "a pause for 5 s, then 1/s");
  EXPECT_EQ(words_of("0/s for 5s, 1/s"), "a pause for 5 s, then 1/s");
}

TEST(ShapeParser, HoldAndRampGoOnFromTheRateBefore) {
  EXPECT_EQ(words_of("10/s for 1s, ramp to 20/s over 1s, hold 1s, hold for 2s, hold"),
            "10/s for 1 s, then a ramp from 10/s to 20/s over 1 s, then 20/s for 1 s, then 20/s for 2 s, then 20/s");
  EXPECT_EQ(words_of("10/s for 1s, pause 1s, ramp to 20/s over 1s"),
            "10/s for 1 s, then a pause for 1 s, then a ramp from 10/s to 20/s over 1 s");
  // A wave and a half ends at its highest.
  EXPECT_EQ(words_of("sine 10..20/s every 2s for 3s, hold 1s"),
            "a sine between 10/s and 20/s every 2 s for 3 s, then 20/s for 1 s");
}

TEST(ShapeParser, ErrorsSayWhereAndWhatWasExpected) {
  EXPECT_EQ(error_of("100/s fro 1m"),
            "cannot read the rate at character 7, \"fro 1m\": expected \"for\" and a time, a comma, or the end");
  EXPECT_EQ(error_of("100/s for 1m, ramp to 2000/s ovr 5m"),
            "cannot read the rate at character 30, \"ovr 5m\": expected \"over\" and a time, as in \"over 5m\"");
  EXPECT_EQ(error_of(""),
            "cannot read the rate at character 1, the end: expected a rate as in \"100/s\", or one of \"ramp\", "
            "\"hold\", \"step\", \"sine\" and \"pause\"");
  EXPECT_EQ(error_of("100"),
            "cannot read the rate at character 4, the end: expected \"/s\", \"/m\" or \"/h\" behind the number");
  EXPECT_EQ(
      error_of("hold 5m"),
      "cannot read the rate at character 6, \"5m\": expected a rate before \"hold\", for there is none yet to hold");
}

TEST(ShapeParser, RefusesWhatMakesNoSense) {
  for (const char* text : {"100/d",
                           "100/s for",
                           "100/s for 0s",
                           "100/s for 5",
                           "100/s,",
                           ",100/s",
                           "100/s, 200/s",
                           "hold",
                           "ramp 5/s over 1s",
                           "ramp to 5/s",
                           "ramp to 5/s over",
                           "pause",
                           "pause 5s",
                           "0/s",
                           "0/s for 5s",
                           "sine 5..2/s every 1s",
                           "sine 0..0/s every 1s",
                           "sine 1..2 every 1s",
                           "sine 1/s every 1s",
                           "sine 1..2/s",
                           "sine 1..2/s every 0s",
                           "step 5/s",
                           "100/s for 1m hold",
                           "10000001/s",
                           "1/s for 367d",
                           "1/s for 300d, hold 300d",
                           "-5/s",
                           "1e3/s",
                           "100 requests/s",
                           "1.2.3/s",
                           "9999999999999999999/s",
                           "100/s\tfor\n1m x"}) {
    EXPECT_TRUE(error_of(text).starts_with("cannot read the rate at character ") ||
                error_of(text) == "the rate asks for no request at all: raise a rate or a time")
        << text << ": " << error_of(text);
  }
}

TEST(ShapeParser, BoundsTheNumberOfSegments) {
  std::string text = "1/s for 1s";
  for (std::size_t i = 1; i < Shape::segments_max; ++i) text += ",1/s for 1s";
  EXPECT_TRUE(Shape::parse(text));
  EXPECT_NE(error_of(text + ",1/s").find("at most 1000 segments"), std::string::npos);
}

TEST(RequestRate, IsOneRateAndNothingElse) {
  EXPECT_DOUBLE_EQ(*parse_request_rate("3333.3/s"), 3333.3);
  EXPECT_DOUBLE_EQ(*parse_request_rate("30/m"), 0.5);
  EXPECT_FALSE(parse_request_rate("0/s"));
  EXPECT_FALSE(parse_request_rate("5/s for 1m"));
  EXPECT_FALSE(parse_request_rate("fast"));
}

}  // namespace
}  // namespace understudy
