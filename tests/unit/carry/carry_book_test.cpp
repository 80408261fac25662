#include "replay/carry/carry_book.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/unit/carry/carry_fixture.hpp"
#include "traffic/rules/content_coding.hpp"

namespace understudy {
namespace {

using test::carry_book;
using test::edited;
using test::get;
using test::learn_fields;
using test::learn_json;
using test::post;

constexpr std::string_view old_token = R"({"access_token":"recorded.token","expires":60})";
constexpr std::string_view new_token = R"({"expires":60,"access_token":"replayed-token"})";

TEST(CarryBook, CarriesATokenIntoLaterRequestsOfItsSession) {
  CarryBook book = carry_book({"json:/access_token -> header:Authorization"});
  const std::string request = get("/me", "Host: a\r\nauthorization:  Bearer recorded.token\r\nX: 1\r\n");
  EXPECT_EQ(edited(book, request), request);
  learn_json(book, old_token, new_token);
  EXPECT_EQ(edited(book, request), get("/me", "Host: a\r\nauthorization: Bearer replayed-token\r\nX: 1\r\n"));
  EXPECT_EQ(edited(book, request, 2), request);
  const std::string other = get("/me", "Authorization: Bearer another.token\r\nX-Token: recorded.token\r\n");
  EXPECT_EQ(edited(book, other), other);
  EXPECT_EQ(book.totals().learnt.value(), 1U);
  EXPECT_EQ(book.totals().edited_requests.value(), 1U);
  EXPECT_EQ(book.totals().missing_requests.value(), 0U);
}

TEST(CarryBook, TheLatestReplacementOfAValueCounts) {
  CarryBook book = carry_book({"json:/t -> header:T"});
  learn_json(book, R"({"t":"recorded"})", R"({"t":"first"})");
  learn_json(book, R"({"t":"recorded"})", R"({"t":"second"})");
  learn_json(book, R"({"t":"another"})", R"({"t":"third"})");
  EXPECT_EQ(edited(book, get("/", "T: recorded\r\n")), get("/", "T: second\r\n"));
  EXPECT_EQ(edited(book, get("/", "T: another\r\n")), get("/", "T: third\r\n"));
}

TEST(CarryBook, FindsAValueAsAWordInAHeader) {
  CarryBook book = carry_book({"json:/t -> header:A"});
  learn_json(book, R"({"t":"abc/def=="})", R"({"t":"new"})");
  learn_json(book, R"({"t":"word-1"})", R"({"t":"word-2"})");
  learn_json(book, R"({"t":"7"})", R"({"t":"8"})");
  const auto carried = [&book](std::string_view value) {
    const std::string text = edited(book, get("/", "A: " + std::string(value) + "\r\n"));
    return text.substr(text.find("A: ") + 3, text.size() - text.find("A: ") - 7);
  };
  EXPECT_EQ(carried("abc/def=="), "new");
  EXPECT_EQ(carried("Bearer abc/def=="), "Bearer new");
  EXPECT_EQ(carried("Token token=abc/def==, x=1"), "Token token=new, x=1");
  EXPECT_EQ(carried("\"word-1\""), "\"word-2\"");
  EXPECT_EQ(carried("<http://a/word-1/b>; word-1"), "<http://a/word-2/b>; word-2");
  EXPECT_EQ(carried("word-11 xword-1 word-1.2"), "word-11 xword-1 word-1.2");
  // A short one counts as a whole only.
  EXPECT_EQ(carried("7"), "8");
  EXPECT_EQ(carried("page 7"), "page 7");
}

TEST(CarryBook, CarriesEveryCookie) {
  CarryBook book = carry_book({"cookies"});
  learn_fields(book, "Set-Cookie: sid=old; Path=/\r\nSet-Cookie: theme=dark\r\nSet-Cookie: gone=1\r\n",
               "Set-Cookie: theme=dark\r\nSet-Cookie: sid=new; HttpOnly\r\n");
  EXPECT_EQ(edited(book, get("/", "Cookie: a=1; sid=old; theme=dark\r\n")),
            get("/", "Cookie: a=1; sid=new; theme=dark\r\n"));
  const std::string unknown = get("/", "Cookie: sid=other; a=old\r\n");
  EXPECT_EQ(edited(book, unknown), unknown);
  EXPECT_EQ(book.totals().missing_requests.value(), 0U);
  EXPECT_EQ(edited(book, get("/", "Cookie: gone=1\r\n")), get("/", "Cookie: gone=1\r\n"));
  EXPECT_EQ(book.totals().missing_requests.value(), 1U);
}

TEST(CarryBook, CarriesBetweenAnySourceAndDestination) {
  CarryBook book = carry_book({"header:X-CSRF -> param:csrf", "cookie:c -> header:X-C", "json:/data/id -> path",
                               "json:/data/id -> json:/order/*/id", "header:X-CSRF -> cookie:csrf"});
  const HttpMessage recorded = test::response("X-CSRF: a b+1\r\nSet-Cookie: c=old\r\n", R"({"data":{"id":17}})");
  const HttpMessage replayed = test::response("x-csrf: n&w\r\nSet-Cookie: c=new\r\n", R"({"data":{"id":99}})");
  book.learn(1, &recorded, &replayed);
  EXPECT_EQ(edited(book, get("/x?csrf=a+b%2B1&y=17")), get("/x?csrf=n%26w&y=17"));
  EXPECT_EQ(edited(book, get("/orders/17/items?id=17")), get("/orders/99/items?id=17"));
  EXPECT_EQ(edited(book, get("http://a/17")), get("http://a/99"));
  EXPECT_EQ(edited(book, get("/170/1%37")), get("/170/99"));
  EXPECT_EQ(edited(book, get("/", "X-C: old\r\nCookie: csrf=\"a b+1\"\r\n")),
            get("/", "X-C: new\r\nCookie: csrf=\"a b+1\"\r\n"));
  EXPECT_EQ(edited(book, post("application/x-www-form-urlencoded", "a=1&csrf=a%20b%2B1")),
            post("application/x-www-form-urlencoded", "a=1&csrf=n%26w"));
  EXPECT_EQ(edited(book, post("application/json",
                              R"({ "order": [ {"id": 17, "n":1.50}, {"id":"17"}, {"id":5} ], "id":17 })")),
            post("application/json", R"({ "order": [ {"id": 99, "n":1.50}, {"id":"99"}, {"id":5} ], "id":17 })"));
}

TEST(CarryBook, ABodyThatIsNoJsonStaysAsItIs) {
  CarryBook book = carry_book({"json:/id -> json:/id"});
  learn_json(book, R"({"id":"recorded"})", R"({"id":"replayed"})");
  for (const std::string_view body : {R"({"id":"recorded")", "recorded", "", R"(["recorded"])"}) {
    EXPECT_EQ(edited(book, post("application/json", body)), post("application/json", body));
  }
  // A value that was a number becomes a string when it has to.
  learn_json(book, R"({"id":5})", R"({"id":"x5"})");
  EXPECT_EQ(edited(book, post("application/json", R"({"id":5})")), post("application/json", R"({"id":"x5"})"));
}

TEST(CarryBook, ReadsCodedResponses) {
  CarryBook book = carry_book({"json:/access_token -> header:A"});
  const HttpMessage recorded = test::response("", old_token);
  const HttpMessage replayed =
      test::response("Content-Encoding: gzip\r\n", encode_content(ContentCoding::gzip, new_token));
  book.learn(1, &recorded, &replayed);
  EXPECT_EQ(edited(book, get("/", "A: recorded.token\r\n")), get("/", "A: replayed-token\r\n"));
}

TEST(CarryBook, ScopeAllIsForEverySession) {
  CarryBook book = carry_book({"json:/id -> path scope=all"});
  learn_json(book, R"({"id":"a1"})", R"({"id":"b2"})", 1);
  EXPECT_EQ(edited(book, get("/items/a1"), 2), get("/items/b2"));
}

// Each thread has its book; what one learns for all sessions, the others know.
TEST(CarryBook, BooksOfOneTargetShareWhatIsForAllSessions) {
  const std::vector<std::string> rules{"json:/id -> path scope=all", "json:/id -> param:id",
                                       "json:/id -> header:X-Id=no {} scope=all"};
  const auto for_all = std::make_shared<CarriedForAll>(100, 1'000'000);
  CarryBook one(CarryRules::compile(rules).value(), {}, for_all);
  CarryBook two(CarryRules::compile(rules).value(), {}, for_all);
  learn_json(one, R"({"id":"a1"})", R"({"id":"b2"})", 1);
  EXPECT_EQ(edited(two, get("/items/a1?id=a1", "X-Id: 5\r\n"), 2), get("/items/b2?id=a1", "X-Id: no b2\r\n"));
  EXPECT_EQ(edited(one, get("/items/a1?id=a1"), 1), get("/items/b2?id=b2"));
}

TEST(CarryBook, RequestsWhoseValueWasNotLearntAreCounted) {
  CarryBook book = carry_book({"json:/t -> header:T"});
  const HttpMessage recorded = test::response("", R"({"t":"recorded"})");
  const HttpMessage failed = test::response("", R"({"error":1})");
  book.learn(1, &recorded, nullptr);
  book.learn(2, &recorded, &failed);
  const std::string request = get("/", "T: recorded\r\n");
  EXPECT_EQ(edited(book, request, 1), request);
  EXPECT_EQ(edited(book, request, 2), request);
  EXPECT_EQ(edited(book, request, 3), request);
  EXPECT_EQ(book.totals().not_learnt.value(), 2U);
  EXPECT_EQ(book.totals().missing_requests.value(), 2U);
  EXPECT_EQ(book.totals().edited_requests.value(), 0U);
}

TEST(CarryBook, ATemplateFillsWhatTheRecordingHides) {
  CarryBook book = carry_book({"json:/access_token -> header:Authorization=Bearer {}"});
  const std::string request = get("/me", "Authorization: [redacted]\r\n");
  EXPECT_EQ(edited(book, request), request);
  EXPECT_EQ(book.totals().missing_requests.value(), 1U);
  learn_json(book, R"({"access_token":"[redacted]"})", new_token);
  EXPECT_EQ(edited(book, request), get("/me", "Authorization: Bearer replayed-token\r\n"));
  // Where the recorded request has none, none is added.
  EXPECT_EQ(edited(book, get("/public")), get("/public"));
  const HttpMessage replayed = test::response("", R"({"access_token":"third"})");
  book.learn(1, nullptr, &replayed);
  EXPECT_EQ(edited(book, request), get("/me", "Authorization: Bearer third\r\n"));
}

TEST(CarryBook, RedactedCookiesBecomeThoseThatWereSet) {
  CarryBook book = carry_book({"cookies"});
  const std::string request = get("/", "Cookie: [redacted:0123456789abcdef]\r\n");
  EXPECT_EQ(edited(book, request), request);
  EXPECT_EQ(book.totals().missing_requests.value(), 1U);
  learn_fields(book, "Set-Cookie: [redacted]\r\n", "Set-Cookie: sid=one; Path=/\r\nSet-Cookie: b=2\r\n");
  EXPECT_EQ(edited(book, request), get("/", "Cookie: sid=one; b=2\r\n"));
  learn_fields(book, "Set-Cookie: [redacted]\r\n", "Set-Cookie: sid=two\r\nSet-Cookie: b=; Max-Age=0\r\n");
  EXPECT_EQ(edited(book, request), get("/", "Cookie: sid=two\r\n"));
}

}  // namespace
}  // namespace understudy
