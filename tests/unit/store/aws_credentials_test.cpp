#include "replay/store/aws_credentials.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "replay/store/aws_profile.hpp"
#include "tests/support/files.hpp"
#include "tests/support/servers/scripted_server.hpp"

namespace understudy {
namespace {

[[nodiscard]] EnvironmentReader reader_of(std::map<std::string, std::string> variables) {
  return [variables](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

constexpr const char* config = R"(# comment
[default]
aws_access_key_id = DEFAULTKEY
aws_secret_access_key = default/secret=
[profile other]
region=eu-west-1
s3 =
  addressing_style = path
AWS_ACCESS_KEY_ID=OTHERKEY
aws_secret_access_key =  other secret
aws_session_token = t
[sso]
sso_session = x
)";

TEST(AwsProfile, ReadsTheSectionAndNothingElse) {
  const AwsProfile other = parse_aws_profile(config, "other");
  EXPECT_EQ(other.at("region"), "eu-west-1");
  EXPECT_EQ(other.at("aws_access_key_id"), "OTHERKEY");
  EXPECT_EQ(other.at("aws_secret_access_key"), "other secret");
  EXPECT_FALSE(other.contains("addressing_style"));
  EXPECT_EQ(parse_aws_profile(config, "default").at("aws_secret_access_key"), "default/secret=");
  EXPECT_TRUE(parse_aws_profile(config, "missing").empty());
}

TEST(AwsCredentials, TheEnvironmentComesFirst) {
  const auto found = find_aws_credentials(
      {}, reader_of({{"AWS_ACCESS_KEY_ID", "K"}, {"AWS_SECRET_ACCESS_KEY", "S"}, {"AWS_SESSION_TOKEN", "T"}}));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->access_key_id, "K");
  EXPECT_EQ(found->session_token, "T");
}

TEST(AwsCredentials, HalfAPairIsAnErrorWithoutTheSecret) {
  const auto found = find_aws_credentials({}, reader_of({{"AWS_SECRET_ACCESS_KEY", "hush"}}));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ExitCode::configuration);
  EXPECT_EQ(found.error().message.find("hush"), std::string::npos);
}

TEST(AwsCredentials, FilesAreReadByProfile) {
  const test::TemporaryFolder folder;
  const std::string path = (folder.path() / "config").string();
  std::ofstream(path) << config;
  const auto environment =
      reader_of({{"AWS_CONFIG_FILE", path}, {"AWS_ACCESS_KEY_ID", "K"}, {"AWS_SECRET_ACCESS_KEY", "S"}});
  const auto found = find_aws_credentials({"other", false, ""}, environment);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->access_key_id, "OTHERKEY");
  EXPECT_EQ(found->session_token, "t");
  EXPECT_EQ(find_aws_region({"other", false, ""}, environment), "eu-west-1");
  const auto sso = find_aws_credentials({"sso", false, ""}, environment);
  ASSERT_FALSE(sso);
  EXPECT_NE(sso.error().message.find("sso_session"), std::string::npos);
}

TEST(AwsCredentials, NoneAnywhereSaysWhereWasLooked) {
  const auto found = find_aws_credentials({}, reader_of({}));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ExitCode::permission);
  EXPECT_NE(found.error().message.find("AWS_ACCESS_KEY_ID"), std::string::npos);
}

TEST(AwsCredentials, InstanceMetadataGivesTheRolesKeys) {
  ScriptedServer server([](Conversation& conversation) {
    while (const auto request = conversation.read_request()) {
      std::string body = "role-name";
      if (request->starts_with("PUT /latest/api/token ")) {
        body = "TOKEN";
      } else if (request->find("X-aws-ec2-metadata-token: TOKEN") == std::string::npos) {
        conversation.write("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
        continue;
      } else if (request->starts_with("GET /latest/meta-data/iam/security-credentials/role-name ")) {
        body = R"({"AccessKeyId":"IK","SecretAccessKey":"IS","Token":"IT","Expiration":"2030-01-01T00:00:00Z"})";
      }
      conversation.write(fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body));
    }
  });
  const auto found = find_aws_credentials({"", true, fmt::format("http://127.0.0.1:{}", server.port())}, reader_of({}));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->access_key_id, "IK");
  EXPECT_EQ(found->session_token, "IT");
  EXPECT_TRUE(found->expires);
}

}  // namespace
}  // namespace understudy
