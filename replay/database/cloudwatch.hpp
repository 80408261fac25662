// The disk of an RDS instance, from Amazon CloudWatch: ReadIOPS, WriteIOPS, ReadThroughput, WriteThroughput and
// BurstBalance by GetMetricData, signed by Signature Version 4.
//
// Averages over 60 s that appear a minute or two late: the only disk truth on RDS, and coarse. Runs of some minutes are
// needed to see anything.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/store/aws_credentials.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

struct CloudWatchOptions {
  std::string region;    // "eu-west-1"
  std::string instance;  // DBInstanceIdentifier
  std::string endpoint;  // "https://monitoring.eu-west-1.amazonaws.com"; empty: that of the region
};

// A minute of the instance; nothing where CloudWatch has no datum.
struct CloudWatchPoint {
  WallTime time{};  // its beginning
  std::optional<double> read_iops, write_iops;
  std::optional<double> read_bytes, write_bytes;  // a second
  std::optional<double> burst_balance;            // percent
};

// The minutes that `from` and `until` touch, oldest first. Through the environment's proxy, where there is one.
// ExitCode::permission when AWS refuses the credentials or the user lacks cloudwatch:GetMetricData;
// ExitCode::database_unfit for every other answer; those of HttpClient.
[[nodiscard]] Result<std::vector<CloudWatchPoint>> fetch_cloudwatch(const CloudWatchOptions& options,
                                                                    const AwsCredentials& credentials, WallTime from,
                                                                    WallTime until, const Clock& clock);

struct CloudWatchPage {
  std::string next_token;  // empty: the last page
};

// One answer of GetMetricData (AWS JSON 1.0), added to `points`. ExitCode::database_unfit.
[[nodiscard]] Result<CloudWatchPage> read_cloudwatch_answer(std::string_view body,
                                                            std::map<WallTime, CloudWatchPoint>& points);

}  // namespace understudy
