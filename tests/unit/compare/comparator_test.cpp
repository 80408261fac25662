#include "replay/compare/comparator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/compare/compare_fixture.hpp"
#include "traffic/rules/content_coding.hpp"

namespace understudy {
namespace {

using test::compare;
using test::respond;
using test::respond_json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Comparator, TheSameIsEqual) {
  EXPECT_THAT(compare(respond("x", "ETag: \"1\"\r\n"), respond("x", "ETag: \"1\"\r\n")), IsEmpty());
  EXPECT_THAT(compare(respond(""), respond("")), IsEmpty());
}

TEST(Comparator, AnotherClassOfStatusIsAllThereIsToSay) {
  EXPECT_THAT(compare(respond("ok", "X-A: 1\r\n"), respond("failed", "X-B: 1\r\n", 500)),
              ElementsAre("status 200 -> 500: 200 -> 500"));
  EXPECT_THAT(compare(respond("a"), respond("b", "", 201)),
              ElementsAre("status 200 -> 201: 200 -> 201",
                          "body bytes: 1 bytes, CRC-32 e8b7be43 -> 1 bytes, CRC-32 71beeff9, differs from byte 0 on"));
}

TEST(Comparator, PartsCanBeLeftOut) {
  CompareOptions options;
  options.ignore = {"status"};
  EXPECT_THAT(compare(respond("ok"), respond("ok", "", 500), options), IsEmpty());
  options.ignore = {"body", "headers"};
  EXPECT_THAT(compare(respond("a", "X-A: 1\r\n"), respond("b", "X-A: 2\r\n"), options), IsEmpty());
}

TEST(Comparator, HeadersOfTheMomentAreIgnoredUnlessKept) {
  const HttpMessage left = respond("x", "Date: a\r\nServer: a\r\nX-Request-Id: a\r\nConnection: close\r\nX-App: 1\r\n");
  const HttpMessage right = respond("x", "date: b\r\nserver: b\r\nX-REQUEST-ID: b\r\nx-app: 1\r\n");
  EXPECT_THAT(compare(left, right), IsEmpty());
  CompareOptions options;
  options.keep = {"header:server"};
  EXPECT_THAT(compare(left, right, options), ElementsAre("header Server: a -> b"));
  options.ignore = {"header:Server"};
  EXPECT_THAT(compare(left, right, options), IsEmpty());
}

TEST(Comparator, TellsHeadersThatDifferLackOrAreNew) {
  EXPECT_THAT(compare(respond("", "X-A: 1\r\nX-B: 1\r\nVary: a\r\nVary: b\r\n"),
                      respond("", "x-b: 2\r\nX-C: 3\r\nVary: a, b\r\n")),
              ElementsAre("header X-A: 1 -> (none)", "header X-B: 1 -> 2", "header X-C: (none) -> 3"));
  EXPECT_THAT(compare(respond("", "X-A: [redacted]\r\n"), respond("", "X-A: 5\r\n")), IsEmpty());
}

TEST(Comparator, ContentTypesAreComparedByMeaning) {
  EXPECT_THAT(compare(respond("", "Content-Type: text/html; charset=UTF-8\r\n"),
                      respond("", "content-type: Text/HTML;charset=\"utf-8\"\r\n")),
              IsEmpty());
  EXPECT_THAT(compare(respond("", "Content-Type: application/json\r\n"), respond("")),
              ElementsAre("content_type application/json -> (none): application/json -> (none)"));
}

TEST(Comparator, OfCookiesNamesAndAttributesAreComparedAndNoValueIsShown) {
  EXPECT_THAT(compare(respond("", "Set-Cookie: sid=abc; Path=/; HttpOnly; Expires=Mon\r\n"),
                      respond("", "Set-Cookie: sid=def; httponly; path=/; Max-Age=7\r\n")),
              IsEmpty());
  EXPECT_THAT(
      compare(respond("", "Set-Cookie: sid=abc; Secure\r\nSet-Cookie: a=1\r\n"),
              respond("", "Set-Cookie: sid=def\r\nSet-Cookie: 8f3b2c1d=1\r\n")),
      ElementsAre("header Set-Cookie: sid: sid=[redacted]; secure -> sid=[redacted]",
                  "header Set-Cookie: a: a=[redacted] -> (none)", "header Set-Cookie: *: (none) -> *=[redacted]"));
  EXPECT_THAT(compare(respond("", "Set-Cookie: [redacted]\r\n"), respond("", "Set-Cookie: sid=def\r\n")), IsEmpty());
  CompareOptions options;
  options.keep = {"header:Set-Cookie"};
  EXPECT_THAT(compare(respond("", "Set-Cookie: sid=abc\r\n"), respond("", "Set-Cookie: sid=def\r\n"), options),
              ElementsAre("header Set-Cookie: [redacted] -> [redacted]"));
}

TEST(Comparator, EachServerRedirectsToItself) {
  EXPECT_THAT(
      compare(respond("", "Location: http://a:80/x?y=1\r\n", 302), respond("", "Location: http://b:81/x?y=1\r\n", 302)),
      IsEmpty());
  EXPECT_THAT(compare(respond("", "Location: /x\r\n", 302), respond("", "Location: http://b/z\r\n", 302)),
              ElementsAre("header Location: /x -> http://b/z"));
}

TEST(Comparator, BodiesThatAreNoJsonAreComparedByBytes) {
  EXPECT_THAT(compare(respond("abcdef"), respond("abcXef!")),
              ElementsAre("body bytes: 6 bytes, CRC-32 4b8e39ef -> 7 bytes, CRC-32 1468c91a, differs from byte 3 on"));
  EXPECT_THAT(compare(respond("abc"), respond("")), ElementsAre(::testing::StartsWith("body missing: 3 bytes")));
  EXPECT_THAT(compare(respond(""), respond("abc")), ElementsAre(::testing::StartsWith("body unexpected: 0 bytes")));
  EXPECT_THAT(compare(respond_json("{\"a\":1}"), respond_json("<html>")),
              ElementsAre(::testing::StartsWith("body JSON -> other:")));
  EXPECT_THAT(compare(respond_json("{\"a\":"), respond_json("{\"a\":1}")),
              ElementsAre(::testing::StartsWith("body other -> JSON:")));
  // Without a type the first character tells.
  EXPECT_THAT(compare(respond(" {\"a\":1}"), respond("{\"a\":2}")), ElementsAre("json_value /a: 1 -> 2"));
  EXPECT_THAT(compare(respond("1", "Content-Type: text/plain\r\n"), respond("1.0", "Content-Type: text/plain\r\n")),
              ElementsAre(::testing::StartsWith("body bytes:")));
}

TEST(Comparator, ChunkedBodiesAreComparedByTheirContent) {
  const HttpMessage chunked =
      test::read_response("HTTP/1.1 200 Any\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n");
  EXPECT_THAT(compare(respond("{\"a\":1}"), chunked), IsEmpty());
  EXPECT_THAT(compare(respond("{\"a\":2}"), chunked), ElementsAre("json_value /a: 2 -> 1"));
}

TEST(Comparator, ContentCodingsAreDecodedWhereTheyAreKnown) {
  const std::string plain = R"({"a":1,"b":[1,2,3]})";
  const auto coded = [](std::string_view name, std::string_view body) {
    return respond(body, "Content-Encoding: " + std::string(name) + "\r\n");
  };
  CompareOptions options;
  options.ignore = {"header:Content-Encoding"};
  EXPECT_THAT(compare(respond(plain), coded("gzip", encode_content(ContentCoding::gzip, plain)), options), IsEmpty());
  EXPECT_THAT(compare(coded("deflate", encode_content(ContentCoding::deflate, plain)),
                      coded("gzip", encode_content(ContentCoding::gzip, R"({"b":[1,2,4],"a":1})")), options),
              ElementsAre("json_value /b/*: 3 -> 4"));
  EXPECT_THAT(compare(coded("br", "abc"), coded("br", "abd"), options),
              ElementsAre(::testing::StartsWith("body bytes:")));
  EXPECT_THAT(compare(coded("br", "abc"), coded("br", "abc"), options), IsEmpty());
  EXPECT_THAT(compare(coded("br", plain), respond(plain), options),
              ElementsAre(::testing::StartsWith("body br -> identity:")));
  EXPECT_THAT(compare(coded("gzip", "no gzip"), coded("gzip", "neither"), options),
              ElementsAre(::testing::StartsWith("body bytes:")));
  EXPECT_THAT(compare(respond(plain), coded("gzip", plain), options),
              ElementsAre(::testing::StartsWith("body bytes:")));
}

TEST(Comparator, LargeBodiesAreComparedByBytes) {
  CompareOptions options;
  options.body_max = 10;
  EXPECT_THAT(compare(respond_json("{\"a\": 1,\"b\":2}"), respond_json("{\"a\":1,\"b\":2}"), options),
              ElementsAre(::testing::StartsWith("body bytes:")));
  EXPECT_THAT(compare(respond_json("{\"a\":  1}"), respond_json("{\"a\":1}"), options), IsEmpty());
}

}  // namespace
}  // namespace understudy
