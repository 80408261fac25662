// The profile files of AWS tools: sections in brackets, each with `name = value` lines.
//
// Comments begin with '#' or ';'; in the config file a section is "[profile name]", in the credentials file "[name]".
// Indented lines (settings within a setting) are passed over. A file is read up to 1 MiB. Pure; any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "traffic/base/error.hpp"

namespace understudy {

using AwsProfile = std::map<std::string, std::string, std::less<>>;

// The settings of one profile; empty where the text has no such section. Names are in lower case.
[[nodiscard]] AwsProfile parse_aws_profile(std::string_view text, std::string_view profile);

// The same of a file; empty where there is no such file. ExitCode::configuration when it cannot be read.
[[nodiscard]] Result<AwsProfile> read_aws_profile(const std::string& path, std::string_view profile);

}  // namespace understudy
