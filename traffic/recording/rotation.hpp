// The files of a recording that rotates: their names, when the next one is due, and which of the old ones must go.
//
// A name may hold conversions of strftime(3), filled in with UTC: %Y %m %d %H %M %S %j and %%. When the recording
// rotates or its name has conversions, each file is a new one: where the name exists already, ".1", ".2" and so on is
// put in front of the ending, behind the highest that is there. A plain name without rotation is appended to.
//
// A period counts from 1970-01-01 UTC, so that "1h" changes files on the hour and "1d" at midnight.
//
// `total` bounds this recording's files together. The oldest are removed, by the time of their last change: never one
// that is being written, by whatever process; and only those that this recording made itself, or that have a name of
// its pattern and are `.take` recordings of this host. Older JSONL files tell nobody who wrote them, and stay.
//
// Thread safety: one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/recording/append_file.hpp"

namespace understudy {

struct RotationLimits {
  Nanoseconds period{0};        // 0: not by time
  std::uint64_t size_max = 0;   // of a file; 0: not by size
  std::uint64_t total_max = 0;  // of all files; 0: nothing is removed

  [[nodiscard]] bool any() const { return period.count() > 0 || size_max > 0 || total_max > 0; }
};

// "1h,1GiB,total=20GiB": a time, a size and a total, each at most once, in any order. ExitCode::usage.
[[nodiscard]] Result<RotationLimits> parse_rotation(std::string_view text);

// Whether the name has conversions; an error for one that is not supported. ExitCode::usage.
[[nodiscard]] Result<bool> check_recording_name(std::string_view name);

// The name at that time. REQUIRES: check_recording_name(name) is no error.
[[nodiscard]] std::string expand_recording_name(std::string_view name, WallTime time);

class RecordingFiles {
 public:
  struct Options {
    std::string name;  // "-" is standard output, which does not rotate
    RecordEnd record_end = RecordEnd::newline;
    RotationLimits limits;
    // Whether an older file with a name of the pattern was made by this host's agent; may be empty: none was.
    std::function<bool(const std::filesystem::path&)> is_own;
  };

  // REQUIRES: check_recording_name(options.name) is no error.
  explicit RecordingFiles(Options options);

  // Opens the first or the next file. The one before counts as closed from then on. ExitCode::output_failed.
  [[nodiscard]] Result<std::unique_ptr<AppendFile>> open(WallTime now);
  // Whether it is time for the next one, when the current one is that large.
  [[nodiscard]] bool is_due(WallTime now, std::uint64_t size) const;
  // When the period ends; nothing when files do not change by time.
  [[nodiscard]] std::optional<WallTime> next_change() const { return next_change_; }
  // Removes what exceeds the total, while the current file is that large. Returns the removed names.
  [[nodiscard]] std::vector<std::string> remove_excess(std::uint64_t size);

  // The file opened last.
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  struct Closed {
    std::filesystem::path path;
    std::uint64_t size = 0;
    std::filesystem::file_time_type changed;
  };

  [[nodiscard]] std::string free_name(WallTime now) const;
  void find_older();
  void close_current();

  const Options options_;
  const bool is_series_;
  std::string path_;
  std::optional<WallTime> next_change_;
  std::vector<Closed> closed_;  // the oldest first
  bool any_opened_ = false;
};

}  // namespace understudy
