#include "replay/serve/serve_access.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <utility>

#include "tests/support/files.hpp"

namespace understudy {
namespace {

using testing::HasSubstr;

class ServeAccessTest : public testing::Test {
 protected:
  ServeAccessTest() {
    ::setenv("UNDERSTUDY_TEST_SECRET", "s3cret", 1);
    ServeCredential prod;
    prod.kind = CloneKind::postgres;
    prod.server = "postgres://clone@db.test";
    prod.password = {"", "UNDERSTUDY_TEST_SECRET"};
    prod.allowed = {"app"};
    ServeCredential candidate = prod;
    candidate.destination = true;
    candidate.allowed.clear();
    ServeCredential files;
    files.endpoint = "https://store.test/";
    files.destination = true;
    files.access_key_id = files.secret_access_key = {"", "UNDERSTUDY_TEST_SECRET"};
    settings_.credentials = {{"prod", prod}, {"candidate", candidate}, {"files", files}};
    settings_.steps = {{"migrate", "echo \"$PGPASSWORD@$PGHOST/$PGDATABASE\"; exit ${STEP_EXIT:-0}"}};
    settings_.state_folder = folder_.path().string();
    request_.id = "a";
    request_.source = {CloneKind::postgres, {}, {}, {}, "app", "prod"};
    request_.destination = {CloneKind::postgres, {}, {}, {}, "copy", "candidate"};
  }

  test::TemporaryFolder folder_;
  ServeSettings settings_;
  ServeAccess access_{settings_};
  CloneRequest request_;
};

TEST_F(ServeAccessTest, ResolvesWhatTheSettingsKnow) {
  EXPECT_TRUE(access_.resolve(request_));
  CloneRequest files;
  files.id = "b";
  files.source = {CloneKind::s3, {}, "one", {}, {}, "files"};
  files.destination = {CloneKind::s3, "https://store.test", "two", {}, {}, "files"};
  const auto resolved = access_.resolve(files);
  ASSERT_TRUE(resolved) << resolved.error().message;
  EXPECT_EQ(resolved->source.endpoint, "https://store.test/");
}

TEST_F(ServeAccessTest, RefusesWhatTheyDoNotAllow) {
  const std::pair<std::string_view, std::function<void(CloneRequest&)>> cases[] = {
      {"no credential \"who\"", [](CloneRequest& r) { r.source.credential_ref = "who"; }},
      {"no credential \"default\"", [](CloneRequest& r) { r.source.credential_ref = ""; }},
      {"no credential \"files\"", [](CloneRequest& r) { r.source.credential_ref = "files"; }},
      {"not for destinations", [](CloneRequest& r) { r.destination.credential_ref = "prod"; }},
      {"not for \"secret\"", [](CloneRequest& r) { r.source.database = "secret"; }},
      {"Source is the Destination", [](CloneRequest& r) { r.destination.database = "app"; }},
      {"no folder", [](CloneRequest& r) { r.options.method = CloneMethod::basebackup; }},
      {"no step \"drop\"",
       [](CloneRequest& r) {
         r.options.after = {"migrate", "drop"};
       }},
      {"another Endpoint",
       [](CloneRequest& r) {
         r.source = {CloneKind::s3, "https://evil.test", "one", {}, {}, "files"};
         r.destination = {CloneKind::s3, {}, "two", {}, {}, "files"};
       }},
  };
  for (const auto& [expected, change] : cases) {
    CloneRequest request = request_;
    change(request);
    const auto resolved = access_.resolve(request);
    ASSERT_FALSE(resolved) << expected;
    EXPECT_EQ(resolved.error().code, ExitCode::configuration);
    EXPECT_THAT(resolved.error().message, HasSubstr(std::string(expected)));
  }
}

TEST_F(ServeAccessTest, ReadsSecretsWhenTheyAreWanted) {
  const auto opened = access_.open(request_.source);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->password, "s3cret");
  EXPECT_EQ(opened->server, "postgres://clone@db.test");
  settings_.credentials.at("prod").password = {"/nowhere/at/all", ""};
  EXPECT_EQ(access_.open(request_.source).error().code, ExitCode::configuration);
}

TEST_F(ServeAccessTest, AStepFindsTheCopyInItsEnvironment) {
  const auto output = access_.run_step(request_, "migrate", {});
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_EQ(*output, "s3cret@db.test/copy\n");
  ::setenv("STEP_EXIT", "3", 1);
  const auto failed = access_.run_step(request_, "migrate", {});
  ::unsetenv("STEP_EXIT");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ExitCode::clone_failed);
  EXPECT_THAT(failed.error().message, HasSubstr("exit code 3"));
}

}  // namespace
}  // namespace understudy
