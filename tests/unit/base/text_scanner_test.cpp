#include "traffic/base/text_scanner.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

TEST(TextScanner, TakesFromLeftToRightAndSkipsWhiteSpace) {
  TextScanner scan("  Ramp\tto 2000.5/s , 1h30m 'a b' p99.9_x");
  EXPECT_FALSE(scan.take_word("ram"));
  EXPECT_TRUE(scan.take_word("ramp"));
  EXPECT_TRUE(scan.take_word("to"));
  EXPECT_EQ(scan.take_number(), 2000.5L);
  EXPECT_FALSE(scan.take_symbol(","));
  EXPECT_TRUE(scan.take_symbol("/"));
  EXPECT_TRUE(scan.take_word("s"));
  EXPECT_TRUE(scan.take_symbol(","));
  EXPECT_EQ(scan.take_duration(), std::chrono::minutes(90));
  EXPECT_EQ(scan.take_quoted(), "a b");
  EXPECT_FALSE(scan.at_end());
  EXPECT_EQ(scan.take_name(), "p99.9_x");
  EXPECT_TRUE(scan.at_end());
  EXPECT_EQ(scan.take_name(), "");
}

TEST(TextScanner, ANumberEndsBeforeTwoDots) {
  TextScanner scan("100..500");
  EXPECT_EQ(scan.take_number(), 100);
  EXPECT_TRUE(scan.take_symbol(".."));
  EXPECT_EQ(scan.take_number(), 500);
}

TEST(TextScanner, WhatIsNotThereIsNotTaken) {
  for (const char* text : {"", "x", "-1", ".5", "1234567890123456789", "1.000000000000000000"}) {
    TextScanner scan(text);
    EXPECT_FALSE(scan.take_number()) << text;
    EXPECT_EQ(scan.mark(), 0U) << text;
  }
  TextScanner scan("5x 'open");
  EXPECT_FALSE(scan.take_duration());
  EXPECT_EQ(scan.take_number(), 5);
  EXPECT_TRUE(scan.take_word("x"));
  EXPECT_FALSE(scan.take_quoted());
}

TEST(TextScanner, ErrorsTellTheCharacterAndWhatStandsThere) {
  TextScanner scan("h\xc3\xb6he  x");
  EXPECT_TRUE(scan.take_symbol("h\xc3\xb6he"));
  EXPECT_EQ(scan.refuse("the text", "a y").value().message, "cannot read the text at character 7, \"x\": expected a y");
  EXPECT_TRUE(scan.take_word("x"));
  EXPECT_EQ(scan.refuse("the text", "a y").value().message,
            "cannot read the text at character 8, the end: expected a y");
  EXPECT_EQ(scan.refuse("the text", "a y").value().code, ExitCode::usage);
}

TEST(TextScanner, ErrorsShowABoundedPartThatIsSafeOnATerminal) {
  const std::string text = "\x1b[2J" + std::string(35, 'a') + "\xc3\xb6" + std::string(1'000, 'b');
  EXPECT_EQ(TextScanner(text).refuse("it", "y").value().message,
            "cannot read it at character 1, \"\\u001b[2J" + std::string(35, 'a') + "...\": expected y");
}

}  // namespace
}  // namespace understudy
