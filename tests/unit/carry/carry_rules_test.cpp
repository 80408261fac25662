#include "replay/carry/carry_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace understudy {
namespace {

using ::testing::HasSubstr;

Result<CarryRules> compile(std::string text) {
  const std::vector<std::string> texts{std::move(text)};
  return CarryRules::compile(texts);
}

TEST(CarryRules, ReadsSourcesAndDestinations) {
  const CarryRules rules = compile("json:/access_token -> header:Authorization").value();
  ASSERT_EQ(rules.rules().size(), 1U);
  EXPECT_EQ(rules.rules()[0].source, CarrySource::json);
  EXPECT_EQ(rules.rules()[0].destination, CarryDestination::header);
  EXPECT_EQ(rules.rules()[0].destination_name, "Authorization");
  EXPECT_FALSE(rules.rules()[0].all_sessions);

  const CarryRules path = compile(" header:X-Id -> path scope=all ").value();
  EXPECT_EQ(path.rules()[0].source, CarrySource::header);
  EXPECT_EQ(path.rules()[0].source_name, "X-Id");
  EXPECT_EQ(path.rules()[0].destination, CarryDestination::path);
  EXPECT_TRUE(path.rules()[0].all_sessions);

  const CarryRules format = compile("cookie:t -> header:Authorization = Bearer {}").value();
  EXPECT_EQ(format.rules()[0].destination_name, "Authorization");
  EXPECT_EQ(format.rules()[0].destination_template, "Bearer {}");

  const CarryRules cookies = compile("cookies").value();
  EXPECT_EQ(cookies.rules()[0].source, CarrySource::cookie);
  EXPECT_EQ(cookies.rules()[0].destination, CarryDestination::cookie);
  EXPECT_TRUE(cookies.rules()[0].source_name.empty());
  EXPECT_TRUE(CarryRules().empty());
}

TEST(CarryRules, WhatItCannotReadIsRefusedWithThePlace) {
  const auto error = [](std::string text) {
    const auto rules = compile(text);
    EXPECT_FALSE(rules) << text;
    return rules ? std::string() : rules.error().message;
  };
  EXPECT_THAT(error(""), HasSubstr("write SOURCE -> DESTINATION"));
  EXPECT_THAT(error("json:/a"), HasSubstr("write SOURCE -> DESTINATION"));
  EXPECT_THAT(error("json:a -> path"), HasSubstr("at character 1: write json:/POINTER"));
  EXPECT_THAT(error("body -> path"), HasSubstr("a source is json:/POINTER"));
  EXPECT_THAT(error("header: -> path"), HasSubstr("write a name"));
  EXPECT_THAT(error("json:/a -> body"), HasSubstr("at character 12: a destination is header:NAME"));
  EXPECT_THAT(error("json:/a -> json:b"), HasSubstr("write json:/POINTER"));
  EXPECT_THAT(error("json:/a -> header:A b"), HasSubstr("write a name"));
  EXPECT_THAT(error("json:/a -> header:A=Bearer"), HasSubstr("a template has {}"));
  EXPECT_THAT(error("json:/a -> header:Cookie"), HasSubstr("write cookie:NAME"));
  EXPECT_THAT(error("json:/a -> param:"), HasSubstr("write a name"));
  const std::vector<std::string> many(65, "cookies");
  EXPECT_FALSE(CarryRules::compile(many));
}

}  // namespace
}  // namespace understudy
