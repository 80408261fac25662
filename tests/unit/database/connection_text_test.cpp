#include "replay/database/connection_text.hpp"

#include <gtest/gtest.h>

#include "replay/database/connection.hpp"

namespace understudy {
namespace {

TEST(ConnectionText, ShowsAnAddressWithoutItsPassword) {
  EXPECT_EQ(*display_database("postgres://app:s3cret@db.test:5433/orders?sslmode=require"),
            "postgres://app@db.test:5433/orders");
  EXPECT_EQ(*display_database("host=db.test dbname=orders user=app password=s3cret"), "postgres://app@db.test/orders");
  EXPECT_EQ(*display_database("host=/run/postgresql port=5433 dbname=orders"),
            "postgres:///orders?host=/run/postgresql&port=5433");
  EXPECT_EQ(*display_database("postgres://app@[::1]:5432/orders"), "postgres://app@[::1]:5432/orders");
}

TEST(ConnectionText, RefusesWhatIsNoAddressAndRepeatsNothingOfIt) {
  for (const char* text : {"orders", "", "postgres://app:s3c%ret@db.test/orders", "host=db.test pasword=s3cret",
                           "host='db.test password=s3cret"}) {
    const auto shown = display_database(text);
    ASSERT_FALSE(shown) << text;
    EXPECT_EQ(shown.error().code, ExitCode::target_invalid);
    EXPECT_EQ(shown.error().message.find("s3c"), std::string::npos) << shown.error().message;
  }
}

TEST(ConnectionText, WritesParametersThatReadBackTheSame) {
  const std::map<std::string, std::string> values{{"dbname", "it's"}, {"host", "a\\b"}, {"password", "' OR \\'"}};
  const auto read = read_conninfo(write_conninfo(values));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, values);
}

TEST(ConnectionText, QuotesNamesAndTexts) {
  EXPECT_EQ(quote_identifier("orders"), "\"orders\"");
  EXPECT_EQ(quote_identifier("or\"ders"), "\"or\"\"ders\"");
  EXPECT_EQ(quote_literal("it's"), "'it''s'");
  EXPECT_EQ(quote_literal("a\\'b"), " E'a\\\\''b'");
}

}  // namespace
}  // namespace understudy
