#include "replay/store/aws_credentials.hpp"

#include <fmt/format.h>

#include <utility>

#include "replay/store/aws_profile.hpp"
#include "replay/store/instance_metadata.hpp"

namespace understudy {
namespace {

[[nodiscard]] std::string variable(const EnvironmentReader& environment, const char* name) {
  return environment(name).value_or("");
}

[[nodiscard]] std::string profile_name(const AwsCredentialOptions& options, const EnvironmentReader& environment) {
  if (!options.profile.empty()) return options.profile;
  std::string name = variable(environment, "AWS_PROFILE");
  return name.empty() ? "default" : name;
}

// What the two files say, those of credentials first.
[[nodiscard]] Result<AwsProfile> read_profile(const std::string& name, const EnvironmentReader& environment) {
  const std::string home = home_folder(environment);
  const auto path = [&](const char* name_of_variable, const char* usual) {
    std::string given = variable(environment, name_of_variable);
    return !given.empty() || home.empty() ? given : fmt::format("{}/.aws/{}", home, usual);
  };
  auto profile = read_aws_profile(path("AWS_SHARED_CREDENTIALS_FILE", "credentials"), name);
  if (!profile) return profile;
  auto config = read_aws_profile(path("AWS_CONFIG_FILE", "config"), name);
  if (!config) return config;
  profile->merge(*config);
  return profile;
}

[[nodiscard]] std::string setting(const AwsProfile& profile, std::string_view name) {
  const auto found = profile.find(name);
  return found == profile.end() ? std::string() : found->second;
}

}  // namespace

Result<AwsCredentials> find_aws_credentials(const AwsCredentialOptions& options, const EnvironmentReader& environment) {
  if (options.profile.empty()) {
    AwsCredentials credentials{variable(environment, "AWS_ACCESS_KEY_ID"),
                               variable(environment, "AWS_SECRET_ACCESS_KEY"),
                               variable(environment, "AWS_SESSION_TOKEN"), std::nullopt};
    if (!credentials.access_key_id.empty() && !credentials.secret_access_key.empty()) return credentials;
    if (credentials.access_key_id.empty() != credentials.secret_access_key.empty()) {
      return fail(ExitCode::configuration,
                  "of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only one is set; set both, or neither");
    }
  }
  const std::string name = profile_name(options, environment);
  const auto profile = read_profile(name, environment);
  if (!profile) return tl::unexpected(profile.error());
  AwsCredentials credentials{setting(*profile, "aws_access_key_id"), setting(*profile, "aws_secret_access_key"),
                             setting(*profile, "aws_session_token"), std::nullopt};
  if (!credentials.access_key_id.empty() && !credentials.secret_access_key.empty()) return credentials;
  for (const char* const other : {"role_arn", "sso_session", "sso_start_url", "credential_process"}) {
    if (!setting(*profile, other).empty()) {
      return fail(ExitCode::configuration,
                  fmt::format("the AWS profile '{}' wants {}, which is not known here; put keys into the environment, "
                              "for example with: aws configure export-credentials --profile {} --format env",
                              name, other, name));
    }
  }
  if (options.instance_metadata) return read_instance_credentials(options.metadata_endpoint);
  return fail(ExitCode::permission,
              fmt::format("there are no AWS credentials: neither AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY, nor the "
                          "profile '{}' in the files of AWS tools; instance metadata is asked only where that is "
                          "wanted (--instance-metadata)",
                          name));
}

std::optional<std::string> find_aws_region(const AwsCredentialOptions& options, const EnvironmentReader& environment) {
  for (const char* const name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (std::string region = variable(environment, name); !region.empty()) return region;
  }
  const auto profile = read_profile(profile_name(options, environment), environment);
  if (!profile) return std::nullopt;
  std::string region = setting(*profile, "region");
  if (region.empty()) return std::nullopt;
  return region;
}

}  // namespace understudy
