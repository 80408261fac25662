// How long a volume's burst credits last under a load, as a range.
//
// The range is that of the load: operations as the host counts them are not those that the volume bills. One of more
// than 256 KiB counts as several, and contiguous ones may count as one. With the bytes known, the truth lies between
//
//   low   bytes / 256 KiB: every operation is as large as can be, by merging or by splitting
//   high  operations + bytes / 256 KiB: none is merged, and each that is split has a rest
//
// Without them, both bounds are the operations as counted, and the forecast says so.
//
// Values; pure functions; any thread.
#pragma once

#include <optional>
#include <string>

#include "replay/forecast/ebs_volume.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/units.hpp"

namespace understudy {

// What a host counted, in a second on average. Not negative.
struct DiskLoad {
  double read_iops = 0;
  double write_iops = 0;
  std::optional<double> read_bytes;  // nothing: not known
  std::optional<double> write_bytes;
};

// One end of the range.
struct CreditBound {
  double demand_iops = 0;  // as the volume bills them
  double served_iops = 0;  // while there are credits
  // Until the credits are gone; nothing: never. A century at most.
  std::optional<Nanoseconds> time_to_empty;
  // What is served when they are, or from the start where there are none: a share of the demand, 0 to 1.
  double share_served_after = 1;
};

struct CreditForecast {
  EbsVolume volume;
  double credits = 0;  // at the start: BurstBalance of 5.4 million; 0 for a volume without
  CreditBound low;     // the smaller demand: credits last longest
  CreditBound high;
  bool is_range = false;  // bytes were known for every kind of operation that there is

  // When the credits are gone at the earliest.
  [[nodiscard]] std::optional<Nanoseconds> earliest() const { return high.time_to_empty; }
  // At the latest; nothing: perhaps never.
  [[nodiscard]] std::optional<Nanoseconds> latest() const { return low.time_to_empty; }
};

[[nodiscard]] CreditForecast forecast_credits(const EbsVolume& volume, const DiskLoad& load, Percentage burst_balance);

// A few lines; times of day are counted from `start`.
[[nodiscard]] std::string to_text(const CreditForecast& forecast, WallTime start);
// {"volume": {...}, "credits", "is_range", "start", "low": {...}, "high": {...}}; seconds_to_empty and empty_at are
// null for never.
[[nodiscard]] std::string to_json(const CreditForecast& forecast, WallTime start);

}  // namespace understudy
