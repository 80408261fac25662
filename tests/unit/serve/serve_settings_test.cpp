#include "replay/serve/serve_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <utility>

#include "tests/support/files.hpp"

namespace understudy {
namespace {

using testing::HasSubstr;

[[nodiscard]] Result<ServeSettings> read(const std::string& text) {
  const test::TemporaryFolder folder;
  const std::string path = (folder.path() / "environment.toml").string();
  std::ofstream(path) << text;
  return read_serve_settings(path);
}

constexpr const char* least = "state-folder = '/tmp/state'\n[service]\nbuild-version = '1'\n";

TEST(ServeSettings, TheLeastHasDefaults) {
  const auto settings = read(least);
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->address, "127.0.0.1:9700");
  EXPECT_EQ(settings->threads, 16U);
  EXPECT_EQ(settings->clones_at_once, 2U);
  EXPECT_FALSE(settings->token.is_given());
  EXPECT_FALSE(settings->end_sessions);
}

TEST(ServeSettings, ReadsEverything) {
  const auto settings = read(R"(
address = "127.0.0.1:0"
token-file = "/etc/token"
threads = 8
state-folder = "/tmp/state"
clones-at-once = 3
end-sessions = true
[service]
url = "http://127.0.0.1:8080"
database-credential = "prod"
database = "app"
check-timeout = "2s"
[[service.test]]
name = "Home"
path = "/"
status = 302
[[statistics.query]]
name = "users"
sql = "SELECT count(*) FROM users"
[credentials.prod]
kind = "postgres"
server = "postgres://clone@db.test:5433?sslmode=require"
password-variable = "PROD_PASSWORD"
databases = "app"
[credentials.files]
kind = "s3"
destination = true
access-key-id-file = "/etc/id"
secret-access-key-file = "/etc/secret"
[steps.migrate]
command = "migrate up"
)");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->token.file, "/etc/token");
  EXPECT_EQ(settings->check_timeout, std::chrono::seconds(2));
  ASSERT_EQ(settings->tests.size(), 1U);
  EXPECT_EQ(settings->tests[0].status, 302);
  ASSERT_EQ(settings->credentials.size(), 2U);
  EXPECT_EQ(settings->credentials.at("prod").kind, CloneKind::postgres);
  EXPECT_EQ(settings->credentials.at("prod").allowed, std::vector<std::string>{"app"});
  EXPECT_TRUE(settings->credentials.at("files").destination);
  EXPECT_EQ(settings->steps.at("migrate"), "migrate up");
}

TEST(ServeSettings, ErrorsHaveTheLineAndWhatIsWanted) {
  const std::string base = least;
  const std::pair<std::string, std::string_view> cases[] = {
      {"[service]\nbuild-version = '1'\n", "state-folder"},
      {"state-folder = '/x'\n", "build-version"},
      {"tokens = 1\n" + base, ":1: "},
      {"threads = 1\n" + base, ":1: "},
      {"token-file = 'a'\ntoken-variable = 'b'\n" + base, "exclude each other"},
      {base + "database = 'x'\n", "wanted together"},
      {base + "[[service.test]]\nname = 'a'\npath = '/'\n", "'url'"},
      {base + "[[statistics.query]]\nname = 'a'\nsql = 'SELECT 1'\n", "database"},
      {base + "[credentials.a]\nkind = 'mysql'\n", ":5: "},
      {base + "[credentials.a]\nkind = 's3'\nserver = 'x'\n", ":6: "},
      {base + "[credentials.a]\nkind = 'postgres'\n", "postgres://"},
      {base + "[credentials.a]\nkind = 'postgres'\nserver = 'postgres://u:geheim@h'\n", "password-file"},
      {base + "[credentials.a]\nkind = 'postgres'\nserver = 'postgres://u@h/app'\n", "names a database"},
      {base + "[steps.'a/b']\ncommand = 'x'\n", "step"},
      {base + "[steps.migrate]\n", "command"},
  };
  for (const auto& [text, expected] : cases) {
    const auto settings = read(text);
    ASSERT_FALSE(settings) << text;
    EXPECT_EQ(settings.error().code, ExitCode::configuration);
    EXPECT_THAT(settings.error().message, HasSubstr("environment.toml")) << text;
    EXPECT_THAT(settings.error().message, HasSubstr(std::string(expected))) << text;
    EXPECT_THAT(settings.error().message, testing::Not(HasSubstr("geheim")));
  }
}

}  // namespace
}  // namespace understudy
