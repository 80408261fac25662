// What is in a recording, and how complete it is: `understudy-replay inspect`.
//
//   auto source = open_recording(paths);
//   Result<Inspection> inspection = inspect(**source);
//   fmt::print("{}", to_text(*inspection));
//
// Reads the source to its end. Memory is bounded whatever the recording holds: tables have limits, and what is beyond a
// limit is counted together as "other" and told as such.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/recording/exchange_source.hpp"

namespace understudy {

// How many requests had something in common.
struct CountedName {
  std::string name;
  std::uint64_t count = 0;
};

struct BodyTotals {
  std::uint64_t messages = 0;  // with a body
  std::uint64_t bytes = 0;     // of content, without chunk framing
  std::uint64_t largest = 0;
  std::uint64_t not_kept = 0;  // of them, only the size is known
};

struct Inspection {
  static constexpr std::size_t routes_shown_max = 10;
  static constexpr std::size_t methods_max = 32;  // distinct; further ones as "other"

  RecordingReport report;  // the source's own, whole
  Nanoseconds duration{};  // from the first request's first byte to the last one's

  std::uint64_t sessions = 0;
  bool sessions_are_exact = true;   // false: about so many (DistinctCount)
  bool sessions_are_known = true;   // false: the format does not tell connections (.gor), each request counts as one
  double requests_per_second = 0;   // over the duration; 0 where it is shorter than a millisecond
  std::uint64_t peak_second = 0;    // most requests in one second of the clock
  std::optional<WallTime> peak_at;  // its beginning

  std::vector<CountedName> methods;       // most first
  std::map<int, std::uint64_t> statuses;  // by status
  std::uint64_t responses_missing = 0;    // requests without a response
  std::uint64_t responses_cut = 0;        // seen only in part
  std::vector<CountedName> routes;        // most first, routes_shown_max; named as RouteTable does
  std::uint64_t routes_distinct = 0;      // at most RouteTable::routes_max
  std::uint64_t routes_other = 0;         // requests whose route came after that many others
  BodyTotals request_bodies;
  BodyTotals response_bodies;
};

// The error is the source's, when it could not be read at all or the disk failed.
[[nodiscard]] Result<Inspection> inspect(ExchangeSource& source);

// About 20 lines, each at most 120 columns; ends with a line end. Text of the recording is made safe for a terminal.
[[nodiscard]] std::string to_text(const Inspection& inspection);

// One JSON object on one line, without a line end. Keys are part of the interface; docs/recordings.md lists them.
[[nodiscard]] std::string to_json(const Inspection& inspection);

}  // namespace understudy
