// Reads recordings of GoReplay: one file, or many that belong together, plain or gzip, of any version (gor_format.hpp).
//
//   auto source = open_gor({{"requests_0.gor", first_0}, {"requests_1.gor", first_1}}, {});
//
// Requests and responses are paired by id, over all files. A request waits for its response until one of the limits of
// GorReadOptions is reached; then it is given without one.
//
// Order: by the request's start, exactly, as long as no record is later in its file than reorder_window of recorded
// time and the limits of memory are not reached.
//
// What the format does not tell: addresses (client and server are 0.0.0.0:0) and connections. Each request is a session
// of its own, and RecordingReport::sessions_known is false. Up to 1.1 the end of a request is not told either: its last
// byte has the time of its first.
//
// Damage is told in the report and passed over: bytes that are no record, and messages that are not whole. A response
// that was cut is given as it is, and not complete; a request that was cut is not given, because it could not be sent.
//
// Memory: held_bytes_max, and for each file that is open at a time its largest record (GorRecords::record_max).
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/recording/exchange_source.hpp"
#include "traffic/recording/unpacked_input.hpp"

namespace understudy {

struct GorReadOptions {
  // Takes type 3, the answer of the service that was replayed to, as the response. Its time is that of the request and
  // its round trip. Otherwise type 3 is left out.
  bool replayed_responses = false;
  Nanoseconds reorder_window = std::chrono::seconds(10);
  std::size_t held_bytes_max = std::size_t{64} << 20U;
  std::size_t held_exchanges_max = 100'000;
  // Recorded time for which a request waits for its response. Empty: as long as the limits of memory allow, which is
  // right for files; live, nothing would be given for long.
  std::optional<Nanoseconds> response_wait;
};

struct GorFile {
  std::string path;
  WallTime first;  // of its first record; see first_gor_time()
};

// Files are opened when their time comes, so an error of opening may come from next().
[[nodiscard]] std::unique_ptr<ExchangeSource> open_gor(std::vector<GorFile> files, const GorReadOptions& options);
// One text that is open already.
[[nodiscard]] std::unique_ptr<ExchangeSource> open_gor(std::unique_ptr<UnpackedInput> input,
                                                       const GorReadOptions& options);

// Whether a text that begins so is a .gor recording: its first line is a META.
[[nodiscard]] bool is_gor(std::string_view first_bytes);
// The time of the first record of a text that begins so. Empty when it is none.
[[nodiscard]] std::optional<WallTime> first_gor_time(std::string_view first_bytes);

}  // namespace understudy
