#include "replay/serve/environment_routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "replay/environment/payloads.hpp"
#include "tests/unit/serve/desk.hpp"

namespace understudy {
namespace {

using testing::HasSubstr;

constexpr const char* body = R"({"Id":"a","Source":{"Kind":"postgres","Database":"prod","CredentialRef":"prod"},)"
                             R"("Destination":{"Kind":"postgres","Database":"candidate","CredentialRef":"test"}})";

class EnvironmentRoutesTest : public testing::Test {
 protected:
  [[nodiscard]] ServeAnswer ask(const std::string& method, const std::string& path, const std::string& text = {},
                                std::multimap<std::string, std::string> parameters = {}) {
    return routes_.answer({method, path, std::move(parameters), text});
  }

  test::TemporaryFolder folder_;
  test::DeskOnFolder desk_{folder_.path().string()};
  HealthReport health_{true, "", "1.0", "2026-01-02T03:04:05Z"};
  Result<std::string> statistics_ = std::string(R"({"users":3})");
  EnvironmentRoutes routes_{{[this] { return health_; },
                             [] {
                               return std::vector<TestResult>{{"Home", "", "/", true, ""}};
                             },
                             [this] { return statistics_; }},
                            desk_.folder(),
                            desk_.desk(),
                            "openapi: 3.1.0",
                            2};
};

TEST_F(EnvironmentRoutesTest, HealthAndMaintenanceAreNotMixedUp) {
  EXPECT_EQ(ask("GET", "/health").status, 200);
  EXPECT_EQ(ask("GET", "/test").status, 200);
  EXPECT_EQ(ask("PUT", "/admin/maintenance", R"({"MaintenanceMode":true})").status, 200);
  const ServeAnswer health = ask("GET", "/health");
  EXPECT_EQ(health.status, 200);
  EXPECT_TRUE(read_health(health.body)->maintenance_mode);
  EXPECT_EQ(ask("GET", "/test").status, 503);
  EXPECT_EQ(ask("GET", "/admin/statistics").status, 200);
  const ServeAnswer clone = ask("POST", "/clone", body);
  EXPECT_EQ(clone.status, 503);
  EXPECT_EQ(clone.headers.at(0).first, "Retry-After");
  EXPECT_EQ(ask("PUT", "/admin/maintenance", R"({"MaintenanceMode":false})").status, 200);
  health_.healthy = health_.database_connectivity = false;
  health_.reason = "gone";
  EXPECT_EQ(ask("GET", "/health").status, 503);
  const ServeAnswer tests = ask("GET", "/test");
  EXPECT_EQ(tests.status, 503);
  EXPECT_EQ(read_tests(tests.body)->tests.size(), 1U);
  health_ = {};
  health_.maintenance_mode = true;  // the service's own
  EXPECT_TRUE(read_health(ask("GET", "/health").body)->maintenance_mode);
}

TEST_F(EnvironmentRoutesTest, ACloneFromItsRequestToItsManifest) {
  const ServeAnswer accepted = ask("POST", "/clone", body);
  EXPECT_EQ(accepted.status, 202);
  EXPECT_THAT(accepted.headers, testing::Contains(testing::Pair("Location", "/clone/a")));
  EXPECT_EQ(ask("POST", "/clone", body).status, 202);
  EXPECT_EQ(ask("POST", "/clone", std::string(body).replace(std::string(body).find("candidate"), 9, "another")).status,
            409);
  desk_.clones.wait_started(1);
  EXPECT_EQ(ask("GET", "/clone/a/manifest").status, 409);
  EXPECT_EQ(read_clone_state(ask("GET", "/clone/a").body)->status, CloneStatus::copying);
  desk_.clones.open();
  EXPECT_EQ(read_clone_state(ask("GET", "/clone/a", {}, {{"wait", "60"}}).body)->status, CloneStatus::succeeded);
  EXPECT_EQ(read_clone_manifest(ask("GET", "/clone/a/manifest").body)->segment_count, 1U);
  EXPECT_EQ(ask("GET", "/clone/a/segments/1").body, R"({"id":"1"})");
  EXPECT_EQ(ask("GET", "/clone/a/segments/2").status, 404);
  EXPECT_EQ(ask("GET", "/clone/a/segments/1e3").status, 400);
  EXPECT_EQ(ask("DELETE", "/clone/a").status, 202);
}

TEST_F(EnvironmentRoutesTest, BadWaitsAndUnknownClones) {
  for (const char* wait : {"-1", "61", "x", "", "1.5"}) {
    EXPECT_EQ(ask("GET", "/clone/a", {}, {{"wait", wait}}).status, 400) << wait;
  }
  EXPECT_EQ(ask("GET", "/clone/a", {}, {{"wait", "1"}, {"wait", "2"}}).status, 400);
  for (const char* path : {"/clone/x", "/clone/x/manifest", "/clone/x/segments/1"}) {
    EXPECT_EQ(ask("GET", path).status, 404) << path;
  }
  EXPECT_EQ(ask("DELETE", "/clone/x").status, 404);
}

TEST_F(EnvironmentRoutesTest, ProblemsSayWhatIsWrong) {
  std::string unknown(body);
  unknown.replace(unknown.find("\"CredentialRef\":\"prod\""), 22, R"("CredentialRef":"unknown")");
  const ServeAnswer refused = ask("POST", "/clone", unknown);
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.content_type, "application/problem+json");
  EXPECT_THAT(refused.body, HasSubstr("no such credential"));
  EXPECT_EQ(ask("POST", "/clone", "{}").status, 400);
  statistics_ = fail(ExitCode::database_unfit, "the database is gone");
  const ServeAnswer statistics = ask("GET", "/admin/statistics");
  EXPECT_EQ(statistics.status, 503);
  EXPECT_THAT(statistics.body, HasSubstr("gone"));
}

TEST_F(EnvironmentRoutesTest, APathHasItsMethodsAndItsGuard) {
  EXPECT_EQ(EnvironmentRoutes::allowed_methods("/clone"), "POST");
  EXPECT_EQ(EnvironmentRoutes::allowed_methods("/clone/a"), "GET, HEAD, DELETE");
  for (const char* path :
       {"", "/", "/clone/", "/clone/a/b", "/clone/a/segments/1/2", "/health/", "/clone/a/manifest/"}) {
    EXPECT_EQ(EnvironmentRoutes::allowed_methods(path), "") << path;
  }
  EXPECT_FALSE(EnvironmentRoutes::is_guarded("/health"));
  EXPECT_FALSE(EnvironmentRoutes::is_guarded("/test"));
  for (const char* path : {"/admin/statistics", "/admin/maintenance", "/clone", "/clone/a"}) {
    EXPECT_TRUE(EnvironmentRoutes::is_guarded(path)) << path;
  }
}

}  // namespace
}  // namespace understudy
