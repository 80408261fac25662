#include "replay/environment/clone_payloads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace understudy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

CloneRequest bucket_clone() {
  CloneRequest request;
  request.id = "run-7";
  request.source.endpoint = "http://s3.test:7480";
  request.source.bucket = "prod-files";
  request.source.credential_ref = "prod-read";
  request.destination.bucket = "test-files";
  request.destination.prefix = "a/";
  return request;
}

TEST(CloneRequestTest, IsWrittenAsTheContractHasIt) {
  CloneRequest request = bucket_clone();
  request.options = {32, 50, 1'000'000, CloneOnExisting::overwrite, CloneVerify::etag, {}, {"migrate"}};
  EXPECT_EQ(*to_json(request),
            R"({"Id":"run-7","Source":{"Kind":"s3","Endpoint":"http://s3.test:7480","Bucket":"prod-files",)"
            R"("CredentialRef":"prod-read"},"Destination":{"Kind":"s3","Bucket":"test-files","Prefix":"a/"},)"
            R"("Options":{"Workers":32,"SegmentMaxObjects":50,"SegmentMaxBytes":1000000,"OnExisting":"overwrite",)"
            R"("Verify":"etag","After":["migrate"]}})");
  CloneRequest database;
  database.id = "1";
  database.source = {CloneKind::postgres, {}, {}, {}, "prod", "p"};
  database.destination = {CloneKind::postgres, {}, {}, {}, "candidate", {}};
  database.options.method = CloneMethod::template_database;
  EXPECT_EQ(*to_json(database),
            R"({"Id":"1","Source":{"Kind":"postgres","Database":"prod","CredentialRef":"p"},)"
            R"("Destination":{"Kind":"postgres","Database":"candidate"},"Options":{"Method":"template"}})");
}

TEST(CloneRequestTest, RefusesWhatCannotBeCloned) {
  const std::pair<const char*, std::function<void(CloneRequest&)>> rows[] = {
      {"cannot be a clone's Id", [](CloneRequest& r) { r.id = "../admin"; }},
      {"cannot be a clone's Id", [](CloneRequest& r) { r.id = ".."; }},
      {"cannot be a clone's Id", [](CloneRequest& r) { r.id = ""; }},
      {"cannot be a clone's Id", [](CloneRequest& r) { r.id = std::string(129, 'a'); }},
      {"Source names no Bucket", [](CloneRequest& r) { r.source.bucket.clear(); }},
      {"Destination names no Database", [](CloneRequest& r) { r.destination.kind = CloneKind::postgres; }},
      {"has a user or a password", [](CloneRequest& r) { r.source.endpoint = "http://me:secret@s3.test"; }},
      {"of one Kind", [](CloneRequest& r) { r.destination = {CloneKind::postgres, {}, {}, {}, "candidate", {}}; }},
      {"Source is its Destination",
       [](CloneRequest& r) {
         r.destination = r.source;
         r.destination.credential_ref = "another";
       }},
  };
  for (const auto& [expected, change] : rows) {
    CloneRequest request = bucket_clone();
    change(request);
    const auto body = to_json(request);
    ASSERT_FALSE(body) << expected;
    EXPECT_EQ(body.error().code, ExitCode::usage);
    EXPECT_THAT(body.error().message, HasSubstr(expected));
    EXPECT_THAT(body.error().message, testing::Not(HasSubstr("secret")));
  }
}

TEST(CloneStateTest, ReadsWhatTheContractHas) {
  const auto state = read_clone_state(
      R"({"Id": "7", "Status": "Copying", "ListingComplete": false, "Segments": {"Total": 150, "Pending": 100, "Running": 8, "Succeeded": 41, "Failed": 1},
          "Objects": {"Listed": 7500, "Copied": 2050, "Skipped": 3, "Failed": 2}, "Bytes": {"Listed": 15000000, "Copied": 4100000},
          "StartedAt": "2026-01-01T00:00:00Z", "UpdatedAt": "x", "FinishedAt": null, "Errors": ["no such key", {"Code": 1}], "More": 1})");
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->status, CloneStatus::copying);
  EXPECT_EQ(state->segments.running, 8U);
  EXPECT_EQ(state->objects.skipped, 3U);
  EXPECT_EQ(state->bytes.copied, 4'100'000U);
  EXPECT_EQ(state->finished_at, "");
  EXPECT_THAT(state->errors, ElementsAre("no such key", "{1 members}"));
  EXPECT_EQ(state->text(), "Copying, 2,050 of at least 7,500 objects, 3.91 MiB, 2 failed");
  EXPECT_FALSE(is_final(state->status));
}

TEST(CloneStateTest, EveryStatusHasItsName) {
  for (const char* name : {"Accepted", "Listing", "Copying", "Verifying", "Succeeded", "Failed", "Cancelled"}) {
    const auto state = read_clone_state(std::string(R"({"Id": "1", "Status": ")") + name + "\"}");
    ASSERT_TRUE(state);
    EXPECT_EQ(to_string(state->status), name);
  }
  EXPECT_TRUE(is_final(CloneStatus::succeeded) && is_final(CloneStatus::failed) && is_final(CloneStatus::cancelled));
}

TEST(CloneStateTest, SaysWhichMemberIsWrong) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"Status": "Copying"})", "lacks Id"},
      {R"({"Id": "1", "Status": "Done"})", "the Status \"Done\""},
      {R"({"Id": "1", "Status": "Copying", "Objects": {"Copied": -1}})", "has -1 in Objects/Copied"},
      {R"({"Id": "1", "Status": "Copying", "Bytes": {"Copied": 1.5}})", "has 1.5 in Bytes/Copied"},
      {R"({"Id": "1", "Status": "Copying", "Segments": []})", "in Segments where an object belongs"},
      {R"({"Id": "1", "Status": "Copying", "Errors": "none"})", "has \"none\" in Errors where an array belongs"},
      {R"({"Id": "1", "Status": "Copying", "ListingComplete": 1})", "has 1 in ListingComplete"},
  };
  for (const auto& [body, expected] : rows) {
    const auto state = read_clone_state(body);
    ASSERT_FALSE(state) << body;
    EXPECT_EQ(state.error().code, ExitCode::environment_unfit);
    EXPECT_THAT(state.error().message, HasSubstr(expected));
  }
}

TEST(CloneManifestTest, ReadsTheCloneResponse) {
  const auto manifest = read_clone_manifest(
      R"({"id": "7", "source": {"name": "prod-files"}, "destination": {"name": "test-files"}, "segments": {"count": 2, "values": ["a", "b"]}})");
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->source_name, "prod-files");
  EXPECT_EQ(manifest->destination_name, "test-files");
  EXPECT_THAT(manifest->segment_keys, ElementsAre("a", "b"));
}

TEST(CloneManifestTest, RefusesOneThatIsNotWhole) {
  EXPECT_THAT(
      read_clone_manifest(
          R"({"id": "7", "source": {"name": "a"}, "destination": {"name": "b"}, "segments": {"count": 3, "values": ["a"]}})")
          .error()
          .message,
      HasSubstr("counts 3 segments and lists 1"));
  EXPECT_THAT(read_clone_manifest(R"({"id": "7", "source": {}, "destination": {"name": "b"}})").error().message,
              HasSubstr("lacks source/name"));
}

}  // namespace
}  // namespace understudy
