#include "replay/route/route_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace understudy {
namespace {

using ::testing::ElementsAre;

RouteTable table(std::vector<std::string> patterns = {}) { return RouteTable::compile(patterns).value(); }

std::vector<std::string> names(const RouteTable& table) {
  std::vector<std::string> all;
  for (const RouteId id : table.routes()) all.emplace_back(table.name(id));
  return all;
}

std::string name_of(RouteTable& table, std::string_view target, std::string_view method = "GET") {
  return std::string(table.name(table.route_of(method, target)));
}

TEST(RouteTable, CollapsesIdentifiersAndLeavesOutTheQuery) {
  RouteTable routes = table();
  const RouteId route = routes.route_of("GET", "/orders/8213/items?page=2");
  EXPECT_EQ(routes.name(route), "GET /orders/{id}/items");
  EXPECT_EQ(routes.route_of("GET", "/orders/9999/items"), route);
  EXPECT_EQ(routes.route_of("GET", "http://production:8080/orders/1/items?x"), route);
  EXPECT_NE(routes.route_of("POST", "/orders/8213/items"), route);
  EXPECT_EQ(name_of(routes, "/users/8213.json"), "GET /users/{id}.json");
  EXPECT_EQ(name_of(routes, "/a/5f0c2a7e-9d4b-4a57-b1d6-7e6b0d9f1c22.x/b"), "GET /a/{id}/b");
  EXPECT_EQ(name_of(routes, "/cart;jsessionid=8F3B2C1D/items"), "GET /cart/items");
  EXPECT_EQ(name_of(routes, "/files/" + std::string(65, 'x')), "GET /files/{id}");
  EXPECT_EQ(routes.requests(route), 3U);
}

TEST(RouteTable, TellsOtherTargetsApart) {
  RouteTable routes = table();
  EXPECT_EQ(name_of(routes, "/"), "GET /");
  EXPECT_EQ(name_of(routes, "/a/"), "GET /a/");
  EXPECT_EQ(name_of(routes, "/a"), "GET /a");
  EXPECT_EQ(name_of(routes, "*", "OPTIONS"), "OPTIONS *");
  EXPECT_EQ(name_of(routes, "example.com:443", "CONNECT"), "CONNECT *");
  EXPECT_EQ(name_of(routes, "", "GET"), "GET *");
}

TEST(RouteTable, PatternsComeFirstAndInTheirOrder) {
  RouteTable routes = table({"GET /orders/new", "/orders/{order}", "~^/v[0-9]+/"});
  EXPECT_EQ(name_of(routes, "/orders/new?x=1"), "GET /orders/new");
  EXPECT_EQ(name_of(routes, "/orders/blue"), "GET /orders/{order}");
  EXPECT_EQ(name_of(routes, "/orders/new", "PUT"), "PUT /orders/{order}");
  EXPECT_EQ(name_of(routes, "/v2/x/y"), "GET ~^/v[0-9]+/");
  EXPECT_EQ(name_of(routes, "/orders/17/items"), "GET /orders/{id}/items");
}

TEST(RouteTable, ManyValuesInOnePlaceBecomeOne) {
  RouteTable routes = table();
  std::vector<RouteId> ids;
  for (char first = 'a'; first <= 'z'; ++first) {
    for (const std::string_view second : {"x", "y"}) {
      const std::string path = std::string("/shops/") + first + std::string(second);
      ids.push_back(routes.route_of("GET", path));
      static_cast<void>(routes.route_of("GET", path + "/items"));
    }
  }
  EXPECT_THAT(names(routes), ElementsAre("GET /shops/{id}", "GET /shops/{id}/items"));
  // Ids that were given out before are still good.
  for (const RouteId id : ids) EXPECT_EQ(routes.canonical(id), ids.front());
  EXPECT_EQ(routes.name(ids[17]), "GET /shops/{id}");
  EXPECT_EQ(routes.requests(ids[17]), 52U);
  EXPECT_EQ(name_of(routes, "/shops/another/items"), "GET /shops/{id}/items");
  EXPECT_EQ(name_of(routes, "/shops/ax"), "GET /shops/{id}");  // seen before, so from the cache
}

TEST(RouteTable, FiftyValuesStayApart) {
  RouteTable routes = table();
  for (int i = 0; i < 50; ++i) {
    static_cast<void>(routes.route_of(
        "GET", "/api/" + std::string(1, static_cast<char>('a' + i % 26)) + std::string(i < 26 ? "x" : "y")));
  }
  EXPECT_EQ(routes.routes().size(), 50U);
  EXPECT_EQ(name_of(routes, "/api/ax"), "GET /api/ax");
}

// A scanner's hundreds of paths must not take the names of the service's own.
TEST(RouteTable, WhatStandsOutKeepsItsName) {
  RouteTable routes = table();
  for (int i = 0; i < 1000; ++i) {
    static_cast<void>(routes.route_of("GET", "/orders/" + std::to_string(i)));
    static_cast<void>(routes.route_of("GET", "/users/" + std::to_string(i)));
  }
  for (char a = 'a'; a <= 'z'; ++a) {
    for (char b = 'a'; b <= 'd'; ++b) static_cast<void>(routes.route_of("GET", std::string("/wp-") + a + b + ".php"));
  }
  EXPECT_THAT(names(routes), ElementsAre("GET /orders/{id}", "GET /users/{id}", "GET /{id}"));
  EXPECT_EQ(name_of(routes, "/orders/5/items"), "GET /orders/{id}/items");
}

TEST(RouteTable, CollapsingGoesOnBelow) {
  RouteTable routes = table();
  const auto word = [](int i) {
    return std::string(1, static_cast<char>('a' + i / 26)) + static_cast<char>('a' + i % 26);
  };
  // 51 shops with 3 items each: 153 different items come together when the shops do.
  for (int shop = 0; shop <= 50; ++shop) {
    for (int item = 0; item < 3; ++item) {
      static_cast<void>(routes.route_of("GET", "/" + word(shop) + "/" + word(shop * 3 + item)));
    }
  }
  EXPECT_THAT(names(routes), ElementsAre("GET /{id}/{id}"));
  EXPECT_EQ(routes.requests(routes.routes().front()), 153U);
}

TEST(RouteTable, TheSameRequestsGiveTheSameIds) {
  std::vector<std::vector<RouteId>> runs;
  for (int run = 0; run < 2; ++run) {
    std::mt19937 random(7);
    RouteTable routes = table({"GET /a/*"});
    std::vector<RouteId>& ids = runs.emplace_back();
    for (int i = 0; i < 20'000; ++i) {
      std::string path;
      for (auto depth = random() % 4 + 1; depth > 0; --depth) {
        path += "/";
        path += static_cast<char>('a' + random() % 26);
        path += static_cast<char>('a' + random() % (depth * 6));
      }
      ids.push_back(routes.route_of(random() % 2 == 0 ? "GET" : "PUT", path));
    }
  }
  EXPECT_EQ(runs[0], runs[1]);
}

TEST(RouteTable, IsBoundedWhateverThePathsHold) {
  RouteTable routes = table();
  std::mt19937 random(1);
  std::uint64_t sent = 0;
  for (int i = 0; i < 60'000; ++i) {
    std::string path;
    const auto depth = random() % 40;
    for (std::size_t d = 0; d < depth; ++d) {
      path += '/';
      for (auto length = random() % 5; length > 0; --length) path += static_cast<char>(random() % 256);
    }
    const RouteId id = routes.route_of(i % 3 == 0 ? "GET" : "M" + std::to_string(random() % 100), path);
    ASSERT_LT(id, RouteTable::ids_max);
    ++sent;
  }
  const auto all = routes.routes();
  EXPECT_LE(all.size(), RouteTable::routes_max + 1);
  EXPECT_LT(routes.memory(), 10U << 20U);
  std::uint64_t counted = 0;
  for (const RouteId id : all) counted += routes.requests(id);
  EXPECT_EQ(counted, sent);
  EXPECT_EQ(routes.name(RouteTable::other), "other");
  EXPECT_GT(routes.requests(RouteTable::other), 0U);
}

TEST(RouteTable, DeepPathsEndInOneRest) {
  RouteTable routes = table();
  std::string path;
  for (int i = 0; i < 16; ++i) path += "/a";
  EXPECT_EQ(name_of(routes, path), "GET " + path);
  EXPECT_EQ(name_of(routes, path + "/b"), "GET " + path + "/{rest}");
  EXPECT_EQ(name_of(routes, path + "/c/d/e"), "GET " + path + "/{rest}");
}

TEST(RouteTable, NamesArePrintable) {
  RouteTable routes = table();
  EXPECT_EQ(name_of(routes, "/a\x1b[31m"), "GET /a\\u001b[31m");
}

TEST(RouteTable, RefusesWrongPatterns) {
  const std::vector<std::string> patterns{"/ok", "wrong"};
  const auto routes = RouteTable::compile(patterns);
  ASSERT_FALSE(routes);
  EXPECT_EQ(routes.error().code, ExitCode::usage);
  const std::vector<std::string> too_many(201, "/x");
  EXPECT_FALSE(RouteTable::compile(too_many));
}

}  // namespace
}  // namespace understudy
