// Writes a recording in another format: `understudy-replay convert monday.gor monday.take`.
//
// The format is found by the ending of the target's name: .take, .gor, .gor.gz, .har or .jsonl; "-" writes JSON Lines
// to standard output. What the target's format cannot hold is told in the summary, not dropped silently.
//
// The file is written under its name with ".part" behind it, and renamed when it is whole, so that a conversion that
// fails leaves nothing that looks like a recording.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "traffic/base/error.hpp"
#include "traffic/recording/exchange_source.hpp"

namespace understudy {

struct ConvertOptions {
  bool overwrite = false;  // an existing target is replaced; else it is refused with ExitCode::output_failed
  std::string key_file;    // encrypts a .take; empty: it is not encrypted
};

struct ConvertSummary {
  std::uint64_t exchanges = 0;
  std::uint64_t bytes_written = 0;    // as they lie on disk; 0 for standard output
  std::vector<std::string> not_held;  // what the format could not hold, one sentence each, most important first
  RecordingReport report;             // of the source, whole
};

// Checks that a target can be written by its name alone, so that a program can refuse before it reads.
// ExitCode::usage for an ending that is not known, ExitCode::output_failed for a file that exists.
[[nodiscard]] Result<void> check_conversion_target(const std::string& path, const ConvertOptions& options = {});

// Reads the source to its end. Errors: those of check_conversion_target; the source's; ExitCode::output_failed when
// writing fails, and the unfinished file is removed then.
[[nodiscard]] Result<ConvertSummary> convert(ExchangeSource& source, const std::string& path,
                                             const ConvertOptions& options = {});

}  // namespace understudy
