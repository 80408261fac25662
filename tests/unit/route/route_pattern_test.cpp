#include "replay/route/route_pattern.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace understudy {
namespace {

using ::testing::HasSubstr;

RoutePattern pattern(std::string_view text) { return RoutePattern::compile(text).value(); }

TEST(RoutePattern, MatchesWholePathsSegmentBySegment) {
  const RoutePattern orders = pattern("GET /orders/*/items");
  EXPECT_EQ(orders.path_name(), "/orders/*/items");
  EXPECT_TRUE(orders.matches("GET", "/orders/8213/items"));
  EXPECT_TRUE(orders.matches("GET", "/orders/a%2Fb/items"));
  EXPECT_FALSE(orders.matches("POST", "/orders/8213/items"));
  for (const std::string_view path : {"/orders/8213", "/orders/8213/items/", "/orders//items", "/orders/1/2/items",
                                      "/x/orders/8213/items", "/orders/8213/itemsx", "", "*"}) {
    EXPECT_FALSE(orders.matches("GET", path)) << path;
  }
}

TEST(RoutePattern, ANameInBracesIsAnySegment) {
  EXPECT_TRUE(pattern("/orders/{order}/items").matches("PUT", "/orders/x/items"));
  EXPECT_EQ(pattern("/orders/{order}/items").path_name(), "/orders/{order}/items");
}

TEST(RoutePattern, TwoStarsAreTheRest) {
  const RoutePattern assets = pattern("/assets/**");
  for (const std::string_view path : {"/assets", "/assets/", "/assets/a", "/assets/a/b/c"}) {
    EXPECT_TRUE(assets.matches("GET", path)) << path;
  }
  EXPECT_FALSE(assets.matches("GET", "/assetsx"));
  EXPECT_TRUE(pattern("/**").matches("GET", "/"));
}

TEST(RoutePattern, AnExpressionMatchesAnywhereInThePath) {
  EXPECT_TRUE(pattern("~^/v[0-9]+/x").matches("GET", "/v12/xyz"));
  EXPECT_FALSE(pattern("~^/v[0-9]+/x").matches("GET", "/a/v12/x"));
  EXPECT_TRUE(pattern("POST ~upload$").matches("POST", "/a/upload"));
  EXPECT_FALSE(pattern("POST ~upload$").matches("GET", "/a/upload"));
}

TEST(RoutePattern, WhatItCannotReadIsRefusedWithThePlace) {
  const auto error = [](std::string_view text) {
    const auto compiled = RoutePattern::compile(text);
    EXPECT_FALSE(compiled) << text;
    return compiled ? std::string() : compiled.error().message;
  };
  EXPECT_THAT(error(""), HasSubstr("write [METHOD ]/path"));
  EXPECT_THAT(error("orders"), HasSubstr("write [METHOD ]/path"));
  EXPECT_THAT(error("GET orders/*"), HasSubstr("at character 5: a path begins with /"));
  EXPECT_THAT(error("GET /orders?x=1"), HasSubstr("at character 12: the query is not part of a route"));
  EXPECT_THAT(error("/a/**/b"), HasSubstr("at character 4: ** stands for the rest"));
  EXPECT_THAT(error("~"), HasSubstr("the regular expression is empty"));
  EXPECT_THAT(error("~(a"), HasSubstr("missing )"));
}

}  // namespace
}  // namespace understudy
