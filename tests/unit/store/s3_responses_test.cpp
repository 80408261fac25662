#include "replay/store/s3_responses.hpp"

#include <gtest/gtest.h>

namespace understudy {
namespace {

[[nodiscard]] HttpReply reply_with(int status, std::string body,
                                   std::vector<std::pair<std::string, std::string>> headers = {}) {
  return {status, std::move(headers), std::move(body)};
}

TEST(S3Responses, ReadsAPageWithEncodedKeys) {
  const auto page = read_list_page(
      "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
      "<Contents><Key>a+b%2Bc/%C3%BC</Key><Size>12</Size><ETag>&quot;abc&quot;</ETag></Contents>"
      "<CommonPrefixes><Prefix>p%20q/</Prefix></CommonPrefixes></ListBucketResult>");
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_TRUE(page->truncated);
  ASSERT_EQ(page->objects.size(), 1U);
  EXPECT_EQ(page->objects[0], (S3Object{"a b+c/\xC3\xBC", 12, "abc"}));
  EXPECT_EQ(page->prefixes, std::vector<std::string>{"p q/"});
}

TEST(S3Responses, KeysAreAsTheyAreWithoutEncoding) {
  const auto page =
      read_list_page("<ListBucketResult><Contents><Key>a+%20</Key><Size>0</Size></Contents></ListBucketResult>");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->objects.at(0).key, "a+%20");
  EXPECT_FALSE(page->truncated);
}

TEST(S3Responses, RefusesPagesThatCannotBe) {
  EXPECT_FALSE(read_list_page("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"));
  EXPECT_FALSE(read_list_page("<ListBucketResult><Contents><Key>a</Key><Size>-1</Size></Contents></ListBucketResult>"));
  EXPECT_FALSE(read_list_page("<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>"));
  EXPECT_FALSE(read_list_page("<Error/>"));
}

TEST(S3Responses, AnErrorBehindAStatusOf200IsOne) {
  EXPECT_TRUE(holds_error("  <Error><Code>InternalError</Code></Error>"));
  EXPECT_FALSE(holds_error("<CopyObjectResult><ETag>\"x\"</ETag></CopyObjectResult>"));
}

TEST(S3Responses, ErrorsSayWhatToDo) {
  const S3Error error =
      read_s3_error("ListObjectsV2 s3://b", reply_with(403, "<Error><Code>SignatureDoesNotMatch</Code></Error>"));
  EXPECT_EQ(error.error.code, ExitCode::permission);
  EXPECT_EQ(error.error.message,
            "ListObjectsV2 s3://b was answered 403 SignatureDoesNotMatch; is the secret key right?");
  EXPECT_FALSE(is_missing(read_s3_error("x", reply_with(404, "<Error><Code>NoSuchBucket</Code></Error>"))));
  EXPECT_TRUE(is_missing(read_s3_error("x", reply_with(404, ""))));
  const S3Error moved = read_s3_error("x", reply_with(301, "", {{"X-Amz-Bucket-Region", "eu-west-1"}}));
  EXPECT_NE(moved.error.message.find("eu-west-1"), std::string::npos);
}

TEST(S3Responses, HeadKeepsWhatBelongsToTheObject) {
  const S3Head head = read_head(reply_with(200, "",
                                           {{"Content-Length", "7"},
                                            {"ETag", "\"e\""},
                                            {"Content-Type", "text/a"},
                                            {"x-amz-meta-Color", "red"},
                                            {"Server", "s"},
                                            {"x-amz-tagging-count", "2"},
                                            {"x-amz-checksum-crc64nvme", "AAA="},
                                            {"x-amz-checksum-type", "FULL_OBJECT"}}));
  EXPECT_EQ(head.size, 7U);
  EXPECT_EQ(head.etag, "e");
  EXPECT_EQ(head.kept, (S3Headers{{"content-type", "text/a"}, {"x-amz-meta-color", "red"}}));
  EXPECT_EQ(head.tag_count, 2U);
  EXPECT_EQ(head.checksum_name, "crc64nvme");
  EXPECT_EQ(head.checksum, "AAA=");
}

TEST(S3Responses, AChecksumOfPartsIsNotOneOfTheWhole) {
  const S3Head head =
      read_head(reply_with(200, "", {{"x-amz-checksum-sha256", "AAA=-3"}, {"x-amz-checksum-type", "COMPOSITE"}}));
  EXPECT_EQ(head.checksum, "");
}

TEST(S3Responses, TagsGoThereAndBack) {
  const auto tags = read_tagging(
      "<Tagging><TagSet><Tag><Key>a "
      "&amp;</Key><Value>1+2=3</Value></Tag><Tag><Key>b</Key><Value/></Tag></TagSet></Tagging>");
  ASSERT_TRUE(tags);
  EXPECT_EQ(*tags, "a%20%26=1%2B2%3D3&b=");
  const auto again = read_tagging(tagging_xml(*tags));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, *tags);
  EXPECT_EQ(read_tagging("").value(), "");
}

TEST(S3Responses, PartsOfAnETag) {
  EXPECT_EQ(parts_of_etag("abc-12"), 12U);
  EXPECT_EQ(parts_of_etag("abc"), std::nullopt);
  EXPECT_EQ(parts_of_etag("abc-0"), std::nullopt);
  EXPECT_EQ(parts_of_etag("abc-10001"), std::nullopt);
  EXPECT_EQ(parts_of_etag("abc-1x"), std::nullopt);
}

}  // namespace
}  // namespace understudy
