#include <gtest/gtest.h>

#include <string>

#include "tests/unit/carry/carry_fixture.hpp"

namespace understudy {
namespace {

using test::carry_book;
using test::edited;
using test::get;
using test::learn_json;

std::string json_of(std::string_view value) { return R"({"t":")" + std::string(value) + "\"}"; }

void learn(CarryBook& book, int i, SessionId session) {
  learn_json(book, json_of("old" + std::to_string(i)), json_of("new" + std::to_string(i)), session);
}

bool knows(CarryBook& book, int i, SessionId session) {
  return edited(book, get("/old" + std::to_string(i)), session) == get("/new" + std::to_string(i));
}

TEST(CarryLimits, TheOldestValueOfASessionGoes) {
  CarryBook book = carry_book({"json:/t -> path"});
  for (int i = 0; i < 65; ++i) learn(book, i, 1);
  EXPECT_FALSE(knows(book, 0, 1));
  EXPECT_TRUE(knows(book, 1, 1));
  EXPECT_TRUE(knows(book, 64, 1));
  EXPECT_EQ(book.totals().evicted.value(), 1U);
  // What is learnt again counts as new.
  learn(book, 1, 1);
  learn(book, 65, 1);
  EXPECT_TRUE(knows(book, 1, 1));
  EXPECT_FALSE(knows(book, 2, 1));
}

TEST(CarryLimits, TheSessionUsedLongestAgoGoes) {
  CarryLimits limits;
  limits.sessions_max = 10;
  CarryBook book = carry_book({"json:/t -> path"}, limits);
  for (SessionId session = 1; session <= 10; ++session) learn(book, 1, session);
  EXPECT_TRUE(knows(book, 1, 1));  // which uses it
  learn(book, 1, 11);
  EXPECT_TRUE(knows(book, 1, 1));
  EXPECT_FALSE(knows(book, 1, 2));
  EXPECT_TRUE(knows(book, 1, 11));
}

TEST(CarryLimits, MemoryIsBounded) {
  CarryLimits limits;
  limits.memory_max = std::size_t{1} << 20U;
  CarryBook book = carry_book({"json:/t -> path", "json:/t -> header:T scope=all"}, limits);
  const std::string text(4000, 'x');
  for (int i = 0; i < 3000; ++i) {
    learn_json(book, json_of(std::to_string(i) + text), json_of(text + std::to_string(i)),
               static_cast<SessionId>(i / 3));
    ASSERT_LE(book.memory(), 3 * limits.memory_max);
  }
  EXPECT_GT(book.totals().evicted.value(), 4000U);
  EXPECT_EQ(edited(book, get("/", "T: 2999" + text + "\r\n"), 77), get("/", "T: " + text + "2999\r\n"));
}

TEST(CarryLimits, ValuesForAllSessionsAreBoundedByCount) {
  CarryLimits limits;
  limits.values_in_all_max = 100;
  CarryBook book = carry_book({"json:/t -> path scope=all"}, limits);
  for (int i = 0; i < 150; ++i) {
    learn(book, i, static_cast<SessionId>(i));
    EXPECT_TRUE(knows(book, 0, 999));  // which uses it
  }
  EXPECT_FALSE(knows(book, 50, 1));
  EXPECT_TRUE(knows(book, 51, 1));
  EXPECT_TRUE(knows(book, 149, 1));
}

TEST(CarryLimits, LongValuesAreLeftAlone) {
  CarryLimits limits;
  limits.value_max = 10;
  CarryBook book = carry_book({"json:/t -> path"}, limits);
  learn_json(book, json_of("12345678901"), json_of("x"));
  learn_json(book, json_of("1234567890"), json_of("x"));
  EXPECT_EQ(edited(book, get("/12345678901")), get("/12345678901"));
  EXPECT_EQ(edited(book, get("/1234567890")), get("/x"));
  EXPECT_EQ(book.totals().too_long.value(), 1U);
}

TEST(CarryLimits, LargeBodiesAreNotLookedInto) {
  CarryLimits limits;
  limits.body_max = 20;
  CarryBook book = carry_book({"json:/t -> json:/t"}, limits);
  learn_json(book, json_of("old"), json_of("a-long-new-one"));
  EXPECT_EQ(book.totals().not_learnt.value(), 1U);
  learn_json(book, json_of("old"), json_of("new"));
  const std::string large = R"({"t":"old","more":1})" + std::string(10, ' ');
  EXPECT_EQ(edited(book, test::post("application/json", large)), test::post("application/json", large));
  EXPECT_EQ(edited(book, test::post("application/json", json_of("old"))),
            test::post("application/json", json_of("new")));
}

}  // namespace
}  // namespace understudy
