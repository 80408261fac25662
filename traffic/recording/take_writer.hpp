// Writes a `.take` recording (FORMAT.md) for conversions. The agent records through RecordingSink.
//
//   auto writer = make_take_writer("monday.take", {});
//   while (...) (*writer)->write(*exchange);
//   (*writer)->finish(source->report());      // the certificate; without it the file reads as incomplete
//
// Exchanges may come in any order; they are given back ordered by time. A file that has content already is refused, so
// that nothing is overwritten; a file without its certificate is what remains when finish() was not called.
#pragma once

#include <memory>
#include <string>

#include "traffic/base/error.hpp"
#include "traffic/recording/exchange_source.hpp"

namespace understudy {

struct TakeWriteOptions {
  std::string key_file = {};  // encrypts with the key in it; see take_key.hpp
  // Of zstd: 1 is fast, 3 is usual, 19 is small.
  int compression_level = 3;
  // Where the exchanges come from, for people: "converted from monday.gor". Put into the file's origin.
  std::string origin = {};
  std::string program_version = {};
};

// "-" is standard output. ExitCode::output_failed when the file cannot be created or has content, and when the key file
// cannot be used.
[[nodiscard]] Result<std::unique_ptr<ExchangeWriter>> make_take_writer(const std::string& path,
                                                                       const TakeWriteOptions& options);

}  // namespace understudy
