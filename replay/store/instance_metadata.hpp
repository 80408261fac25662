// The credentials of the machine's own role, as EC2 gives them: the instance metadata service, version 2 (Amazon EC2
// User Guide, "Retrieve security credentials from instance metadata").
#pragma once

#include <string>

#include "replay/store/aws_credentials.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// Asks `endpoint` ("http://169.254.169.254" when empty): a token, the role's name, its keys. Blocks for 5 seconds at
// most. ExitCode::permission when there is no service, no role, or an answer that cannot be read. Any thread.
[[nodiscard]] Result<AwsCredentials> read_instance_credentials(const std::string& endpoint);

}  // namespace understudy
