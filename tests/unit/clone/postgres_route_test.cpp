#include "replay/clone/postgres_route.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace understudy {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(PostgresRoute, KeepsThePasswordApart) {
  const auto route = read_postgres_route("postgres://app:ge%3Aheim@db.test:5433/orders?sslmode=require");
  ASSERT_TRUE(route) << route.error().message;
  EXPECT_EQ(route->password, "ge:heim");
  EXPECT_EQ(route->database, "orders");
  EXPECT_EQ(route->where("copy"), "dbname='copy' host='db.test' port='5433' sslmode='require' user='app' ");
  EXPECT_EQ(route->display("copy"), "postgres://app@db.test:5433/copy");
  const auto words = read_postgres_route("host=db.test dbname=orders password='x y' application_name=api");
  ASSERT_TRUE(words);
  EXPECT_EQ(words->password, "x y");
  EXPECT_THAT(words->where("o'brien"), Not(HasSubstr("api")));
  EXPECT_THAT(words->where("o'brien"), HasSubstr("dbname='o\\'brien'"));
}

TEST(PostgresRoute, UserAndPasswordThatAreGivenReplaceThoseOfTheAddress) {
  const auto route = read_postgres_route("postgres://app:old@db.test", "cloner", "new");
  ASSERT_TRUE(route);
  EXPECT_EQ(route->password, "new");
  EXPECT_EQ(route->values.at("user"), "cloner");
  EXPECT_FALSE(read_postgres_route("postgres://app@db.test")->password);
}

TEST(PostgresRoute, ABadAddressIsRefusedWithoutItsPassword) {
  const auto route = read_postgres_route("postgres://app:geheim%zz@db.test:port/");
  ASSERT_FALSE(route);
  EXPECT_EQ(route.error().code, ExitCode::target_invalid);
  EXPECT_THAT(route.error().message, Not(HasSubstr("geheim")));
}

TEST(PostgresRoute, OneServerIsOneHostAndPort) {
  const auto same = [](const char* a, const char* b) {
    return is_same_server(*read_postgres_route(a), *read_postgres_route(b));
  };
  EXPECT_TRUE(same("postgres://a@db.test", "postgres://b:x@db.test:5432/other"));
  EXPECT_TRUE(same("postgres://db.test/one", "host=db.test dbname=two"));
  EXPECT_FALSE(same("postgres://db.test", "postgres://db.test:5433"));
  EXPECT_FALSE(same("postgres://db.test", "postgres://other.test"));
}

}  // namespace
}  // namespace understudy
