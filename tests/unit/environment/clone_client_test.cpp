#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/environment/service.hpp"

namespace understudy {
namespace {

using std::chrono::seconds;
using test::answer;
using test::ServiceAndClient;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

CloneRequest request() {
  CloneRequest request;
  request.id = "7";
  request.source.bucket = "prod-files";
  request.destination.bucket = "test-files";
  return request;
}

std::string state(const std::string& status) { return answer(200, R"({"Id": "7", "Status": ")" + status + "\"}"); }

TEST(CloneClientTest, StartsWaitsAndReadsTheManifest) {
  ServiceAndClient both({
      answer(202, "", "Location: /clone/7\r\nRetry-After: 3\r\n"),
      state("Listing"),
      state("Succeeded"),
      answer(
          200,
          R"({"id": "7", "source": {"name": "a"}, "destination": {"name": "b"}, "segments": {"count": 0, "values": []}})"),
  });
  const auto accepted = both.client->start_clone(request());
  ASSERT_TRUE(accepted) << accepted.error().message;
  std::vector<CloneStatus> seen;
  const auto done = both.client->wait_for_clone(*accepted, std::chrono::minutes(5),
                                                [&](const CloneState& now) { seen.push_back(now.status); });
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->status, CloneStatus::succeeded);
  EXPECT_THAT(seen, ElementsAre(CloneStatus::listing, CloneStatus::succeeded));
  EXPECT_TRUE(both.client->clone_manifest("7"));
  // Retry-After first; the second pause because the service answered at once although it was asked to wait.
  EXPECT_THAT(both.pause.pauses, ElementsAre(seconds(3), seconds(1)));
  const auto requests = both.service.requests();
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_THAT(requests[0], StartsWith("POST /clone HTTP/1.1\r\n"));
  EXPECT_THAT(requests[0], HasSubstr(R"("Bucket":"prod-files")"));
  EXPECT_THAT(requests[1], StartsWith("GET /clone/7?wait=20 HTTP/1.1\r\n"));
  EXPECT_THAT(requests[3], StartsWith("GET /clone/7/manifest HTTP/1.1\r\n"));
}

TEST(CloneClientTest, AFailedCloneIsAState) {
  ServiceAndClient both({answer(200, R"({"Id": "7", "Status": "Failed", "Errors": ["bucket is gone"]})")});
  const auto done = both.client->wait_for_clone({"7", {}}, seconds(60), [](const CloneState&) {});
  ASSERT_TRUE(done);
  EXPECT_EQ(done->status, CloneStatus::failed);
  EXPECT_THAT(done->errors, ElementsAre("bucket is gone"));
}

TEST(CloneClientTest, TheDeadlineEndsTheWait) {
  ServiceAndClient both({state("Copying")});
  const auto done = both.client->wait_for_clone({"7", {}}, seconds(5), [](const CloneState&) {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ExitCode::environment_unfit);
  EXPECT_THAT(done.error().message, HasSubstr("is not done within 5 s: Copying"));
  EXPECT_EQ(both.service.requests().size(), 6U);
  // What is asked of the service gets shorter with the time that is left.
  EXPECT_THAT(both.service.requests()[3], StartsWith("GET /clone/7?wait=2 "));
  EXPECT_THAT(both.service.requests()[5], StartsWith("GET /clone/7 "));
}

TEST(CloneClientTest, AStoppedWaitEnds) {
  ServiceAndClient both({state("Copying")});
  both.pause.stop_after = 1;
  const auto done = both.client->wait_for_clone({"7", {}}, seconds(60), [](const CloneState&) {});
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("and the wait was stopped"));
}

TEST(CloneClientTest, SaysWhatTheServiceRefused) {
  const std::pair<std::string, const char*> rows[] = {
      {answer(409, "{}"), "there is another clone with the Id 7"},
      {answer(503, "in maintenance"),
       "answered 503 with \"in maintenance\" instead of 202; is the service in maintenance"},
      {answer(403, "{}"), "does it want a header"},
      {answer(302, "", "Location: /login\r\n"), "redirects are not followed"},
      {answer(200, "{}"), "answered 200 with \"{}\" instead of 202"},
  };
  for (const auto& [reply, expected] : rows) {
    ServiceAndClient both({reply});
    const auto accepted = both.client->start_clone(request());
    ASSERT_FALSE(accepted) << expected;
    EXPECT_THAT(accepted.error().message, HasSubstr(expected));
    EXPECT_THAT(accepted.error().message, HasSubstr("POST http://127.0.0.1:"));
  }
}

TEST(CloneClientTest, AnotherIdIsRefused) {
  ServiceAndClient both({answer(200, R"({"Id": "8", "Status": "Copying"})")});
  EXPECT_THAT(both.client->clone_state("7", seconds(0)).error().message, HasSubstr("answered about the clone 8"));
}

TEST(CloneClientTest, TheManifestWantsAFinishedClone) {
  ServiceAndClient both({answer(409, "")});
  EXPECT_THAT(both.client->clone_manifest("7").error().message, HasSubstr("the clone is not done"));
}

TEST(CloneClientTest, Cancels) {
  ServiceAndClient both({answer(202, "")});
  EXPECT_TRUE(both.client->cancel_clone("7"));
  EXPECT_THAT(both.service.requests()[0], StartsWith("DELETE /clone/7 HTTP/1.1\r\n"));
}

}  // namespace
}  // namespace understudy
