#include "replay/serve/clone_request_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace understudy {
namespace {

using testing::HasSubstr;

constexpr std::string_view bucket_body =
    R"({"Id":"monday-1","Source":{"Kind":"s3","Endpoint":"https://store.test:9000","Bucket":"prod-files","Prefix":"a/ü",)"
    R"("CredentialRef":"prod"},"Destination":{"Kind":"s3","Bucket":"test-files"},"Options":{"Workers":512,)"
    R"("SegmentMaxObjects":1000,"SegmentMaxBytes":5.0,"OnExisting":"overwrite","Verify":"checksum"}})";

[[nodiscard]] std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(CloneRequestReader, ReadsBothKinds) {
  const auto bucket = read_clone_body(bucket_body);
  ASSERT_TRUE(bucket) << bucket.error().message;
  EXPECT_EQ(bucket->id, "monday-1");
  EXPECT_EQ(bucket->source, (CloneEndpoint{CloneKind::s3, "https://store.test:9000", "prod-files", "a/ü", {}, "prod"}));
  EXPECT_EQ(bucket->options.workers, 512U);
  EXPECT_EQ(bucket->options.segment_max_bytes, 5U);
  EXPECT_EQ(bucket->options.on_existing, CloneOnExisting::overwrite);
  EXPECT_EQ(bucket->options.verify, CloneVerify::checksum);
  const auto database = read_clone_body(
      R"({"Id":"1","Source":{"Kind":"postgres","Database":"prod","CredentialRef":"p"},"Destination":{"Kind":"postgres",)"
      R"("Database":"candidate","CredentialRef":"p"},"Options":{"Method":"template","After":["migrate","grant"]}})");
  ASSERT_TRUE(database) << database.error().message;
  EXPECT_EQ(database->destination.database, "candidate");
  EXPECT_EQ(database->options.method, CloneMethod::template_database);
  EXPECT_EQ(database->options.after, (std::vector<std::string>{"migrate", "grant"}));
}

TEST(CloneRequestReader, WhatItReadsIsWhatTheClientWrites) {
  const auto request = read_clone_body(bucket_body);
  ASSERT_TRUE(request);
  const auto again = read_clone_body(*to_json(*request));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*to_json(*again), *to_json(*request));
}

TEST(CloneRequestReader, SaysWhereWhatIsWrong) {
  const std::pair<std::string, std::string_view> cases[] = {
      {"", "the body is missing"},
      {"{", "no JSON"},
      {"[]", "the body must be an object"},
      {replaced(std::string(bucket_body), R"("Id":"monday-1",)", ""), "Id is missing"},
      {replaced(std::string(bucket_body), "monday-1", "a/b"), "Id is"},
      {replaced(std::string(bucket_body), "monday-1", ".."), "Id is"},
      {replaced(std::string(bucket_body), R"("prod"})", R"("prod","Password":"x"})"), "Source/Password is no member"},
      {replaced(std::string(bucket_body), R"("Options":{)", R"("Options":{"Method":"dump",)"), "Options/Method"},
      {replaced(std::string(bucket_body), "https://store.test:9000", "https://u:p@store.test"), "Source/Endpoint"},
      {replaced(std::string(bucket_body), "https://store.test:9000", "file:///etc"), "Source/Endpoint"},
      {replaced(std::string(bucket_body), "512", "513"), "Options/Workers"},
      {replaced(std::string(bucket_body), "512", "-1"), "Options/Workers"},
      {replaced(std::string(bucket_body), "512", "null"), "Options/Workers"},
      {replaced(std::string(bucket_body), "checksum", "look"), "size, etag, checksum"},
      {replaced(std::string(bucket_body), R"("Kind":"s3","Bucket":"test-files")",
                R"("Kind":"postgres","Database":"d","CredentialRef":"c")"),
       "two kinds"},
      {replaced(std::string(bucket_body), R"("Kind":"s3","Bucket")", R"("Kind":"gcs","Bucket")"), "Destination/Kind"},
      {replaced(std::string(bucket_body), R"({"Kind":"s3","Bucket":"test-files"})", "7"),
       "Destination must be an object"},
  };
  for (const auto& [body, expected] : cases) {
    const auto request = read_clone_body(body);
    ASSERT_FALSE(request) << body;
    EXPECT_EQ(request.error().code, ExitCode::usage);
    EXPECT_THAT(request.error().message, HasSubstr(std::string(expected))) << body;
  }
}

TEST(CloneRequestReader, ReadsMaintenanceStrictly) {
  EXPECT_EQ(read_maintenance(R"({"MaintenanceMode":true})"), true);
  EXPECT_EQ(read_maintenance(R"({"MaintenanceMode":false})"), false);
  for (const std::string_view body :
       {"", "true", "{}", R"({"MaintenanceMode":"on"})", R"({"MaintenanceMode":true,"x":1})"}) {
    EXPECT_FALSE(read_maintenance(body)) << body;
  }
}

}  // namespace
}  // namespace understudy
