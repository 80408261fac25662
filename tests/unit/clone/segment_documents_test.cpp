#include "replay/clone/segment_documents.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

const CloneNames names{"nightly", "prod-files", "test-files"};

TEST(SegmentDocuments, HaveTheStorysShapes) {
  SegmentRequest request;
  request.number = 7;
  request.range = {"a/", "a/b", "a/c \"+\xC3\xBC"};
  const std::string text = to_json(request, names);
  EXPECT_TRUE(text.starts_with(
      R"({"id":"nightly","source":{"name":"prod-files","prefix":"a/"},"destination":{"name":"test-files"})"))
      << text;
  SegmentResponse response;
  response.number = 7;
  response.prefix = "a/";
  response.files = {"a/bb", "a/c \"+\xC3\xBC"};
  EXPECT_TRUE(to_json(response, names)
                  .starts_with(R"({"id":"nightly","source":{"name":"prod-files","prefix":"a/"},"destination":)"
                               R"({"name":"test-files"},"files":["a/bb",)"));
}

TEST(SegmentDocuments, AreReadAsTheyWereWritten) {
  SegmentRequest request{7, {"a/", "a/\t", "a/c \"+\xC3\xBC"}, 50, 1234, 3, true};
  const auto read = read_segment_request(to_json(request, names));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, request);

  SegmentResponse response{7, "a/", {"a/x", "\xE6\x97\xA5"}, 12, 1, 1, 2, 3, 4, 5, "host:1:2"};
  const auto answered = read_segment_response(to_json(response, names));
  ASSERT_TRUE(answered) << answered.error().message;
  EXPECT_EQ(*answered, response);

  const ListingDocument listing{true, {{"a/", "", "a/m"}, {"a/", "a/m", ""}}};
  const auto listed = read_listing(to_json(listing, names));
  ASSERT_TRUE(listed);
  EXPECT_TRUE(listed->complete);
  EXPECT_EQ(listed->ranges, listing.ranges);
}

TEST(SegmentDocuments, OthersMembersArePassedOverAndBrokenOnesRefused) {
  EXPECT_TRUE(read_segment_response(R"({"id":"x","source":{"name":"a"},"files":[],"later":{"a":1}})"));
  EXPECT_FALSE(read_segment_response(R"({"id":"x","source":{"name":"a"}})"));
  EXPECT_FALSE(read_segment_response(R"({"source":{"name":"a"},"files":[1]})"));
  EXPECT_FALSE(read_segment_request("{"));
}

TEST(SegmentDocuments, TheRequestOfACloneIsKeptWithoutWorkers) {
  CloneRequest request;
  request.id = "nightly";
  request.source = {CloneKind::s3, "http://a", "prod-files", "x/", "", "prod"};
  request.destination = {CloneKind::s3, "http://a", "test-files", "", "", ""};
  request.options.workers = 8;
  request.options.verify = CloneVerify::checksum;
  const auto text = clone_request_document(request);
  ASSERT_TRUE(text);
  const auto read = read_clone_request_document(*text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->source, request.source);
  EXPECT_EQ(read->options.verify, CloneVerify::checksum);
  EXPECT_FALSE(read->options.workers);
  request.options.workers = 16;
  EXPECT_EQ(*clone_request_document(request), *text);
}

TEST(SegmentDocuments, KeysSayWhatTheyAre) {
  EXPECT_EQ(parse_segment_key(segment_request_key("x", 12)).number, 12U);
  EXPECT_EQ(parse_segment_key(segment_request_key("x", 12)).document, SegmentDocument::request);
  EXPECT_EQ(parse_segment_key(segment_response_key("x", 250000)).document, SegmentDocument::response);
  EXPECT_EQ(parse_segment_key(segment_claim_key("x", 3)).document, SegmentDocument::claim);
  EXPECT_EQ(parse_segment_key("x/segments/notes.txt").document, SegmentDocument::other);
  EXPECT_EQ(parse_segment_key("x/segments/00000000.claim.json").document, SegmentDocument::other);
  EXPECT_EQ(parse_segment_key("x/segments/99999999999999999999999.claim.json").document, SegmentDocument::other);
}

}  // namespace
}  // namespace understudy
