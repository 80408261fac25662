// Opens recordings of any format as one source of exchanges.
//
//   OpenOptions options;
//   options.from = *parse_time_bound("10m");
//   Result<std::unique_ptr<ExchangeSource>> source = open_recording({"monday/*.take", "old.gor.gz"}, options);
//
// Each path is a file, a pattern (*, ?, [...]) or "-" for standard input (once). A file that exists is taken by its
// name, also where that name has pattern characters in it. Patterns and names that come twice are read once. All paths
// are checked to exist and to be recordings before any of them is played, so that a typing error does not show after an
// hour.
//
// The format of each file is found by its content, then by its name; plain or gzip. Many files are merged by time.
// Files whose time ranges do not overlap are opened one after the other, so the number of open descriptors is that of
// files that overlap, not that of files given. Memory: at most OpenOptions::memory_max for exchanges that wait for
// their turn or for their response, over all files, and the buffers of open files.
//
// Order: that of the formats (see gor_source.hpp, jsonl_reader.hpp, har_reader.hpp, access_log_source.hpp; exact in
// .take); merging adds no disorder.
//
// Sessions: ids of one recording stay apart from those of another. Rotated files of one agent's run share theirs, so a
// connection that lived through a rotation is one session.
//
// Errors: ExitCode::recording_unreadable for a path that matches nothing, a foreign or empty file, a later version, a
// key that is missing or wrong; ExitCode::permission where reading is not allowed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/recording/exchange_source.hpp"

namespace understudy {

enum class RecordingFormat : std::uint8_t { take, gor, har, jsonl, access_log };

// "take", "gor", "har", "jsonl", "access log"; as in RecordingReport::format.
[[nodiscard]] std::string_view to_string(RecordingFormat format);

// A point of a recording: an offset from its first request, or a time of day.
using TimeBound = std::variant<Nanoseconds, WallTime>;

// "90s", "1h30m" (parse_duration), or RFC 3339: "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.250+01:00".
// ExitCode::usage.
[[nodiscard]] Result<TimeBound> parse_time_bound(std::string_view text);

struct OpenOptions {
  // Only requests whose first byte is in [from, to) are given. Of a .take, what lies before is not read.
  std::optional<TimeBound> from;
  std::optional<TimeBound> to;
  std::string key_file;  // for an encrypted .take; empty: none
  // Host of requests from access logs that do not tell it, "api.example.com". Empty: a request without Host, which the
  // sender completes with the target's.
  std::string access_log_host;
  // .gor only: takes the responses of the replayed service (type 3) in place of the original's.
  bool gor_replayed_responses = false;
  std::size_t memory_max = std::size_t{64} << 20U;
};

// The source owns everything that it needs. Its report is that of all files together; it is whole once next() gave
// null.
[[nodiscard]] Result<std::unique_ptr<ExchangeSource>> open_recording(const std::vector<std::string>& paths,
                                                                     const OpenOptions& options = {});

}  // namespace understudy
