// The disk of an RDS instance, from Amazon CloudWatch: ReadIOPS, WriteIOPS, ReadThroughput, WriteThroughput and
// BurstBalance by GetMetricData, signed by Signature Version 4.
//
// Averages over 60 s that appear a minute or two late: the only disk truth on RDS, and coarse. Runs of some minutes are
// needed to see anything.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

}  // namespace understudy
