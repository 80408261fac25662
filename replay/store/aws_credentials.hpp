// Who asks AWS, or a service that speaks as AWS does, and where that is read from.
//
// Secrets: never printed, never part of an error, never written anywhere.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/base/process_environment.hpp"

namespace understudy {

struct AwsCredentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;        // empty: long-lived keys
  std::optional<WallTime> expires;  // temporary keys: ask again before
};

// Where credentials may come from.
struct AwsCredentialOptions {
  std::string profile;             // empty: AWS_PROFILE, else "default"
  bool instance_metadata = false;  // asks 169.254.169.254 (IMDSv2); only when wanted, for elsewhere it only costs time
  std::string metadata_endpoint;   // another address for it, for tests; empty: the usual one
};

// In this order: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, unless `profile` names one; the
// profile in AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials, then in AWS_CONFIG_FILE or ~/.aws/config; instance
// metadata. Blocks, with instance metadata for 5 seconds at most. ExitCode::configuration for a file or profile that
// cannot be used; ExitCode::permission when there are none anywhere: says where was looked.
[[nodiscard]] Result<AwsCredentials> find_aws_credentials(const AwsCredentialOptions& options,
                                                          const EnvironmentReader& environment);

// AWS_REGION, AWS_DEFAULT_REGION, the profile's `region`; nothing where none says.
[[nodiscard]] std::optional<std::string> find_aws_region(const AwsCredentialOptions& options,
                                                         const EnvironmentReader& environment);

}  // namespace understudy
