// Reads `.take` recordings (FORMAT.md), from a file or from a pipe.
//
//   Result<std::unique_ptr<ExchangeSource>> source = open_take("monday.take");
//   auto live = open_take("-");                              // standard input
//   auto morning = open_take("monday.take", {.from = RecordingTime::after(1h), .to = RecordingTime::after(2h)});
//
// Order. A recording holds exchanges in the order in which they ended; the reader gives them by the first byte of their
// requests.
//   - A file that can be seeked: its block headers are read first, without unpacking; exchanges are then given in exact
//     order. Only when the exchanges that wait for their turn exceed TakeReadOptions::held_bytes_max, the earliest is
//     given before all are known that could precede it.
//   - A pipe: an exchange is held for `pipe_window` of packet time, and given in order within that window.
// What came later than its place is counted, and told in the report as damage of length 0.
//
// Completeness. A run of the agent appends one segment, which ends with a certificate: the ledger of what the capture
// and the recording saw, kept and lost. A segment without it ended by a crash: at most the last flush interval is
// missing, which the report says, and the ledger is the newest snapshot that the segment has.
//
// Damage (a checksum, a cut end, missing blocks) is told in the report with its place, and reading goes on at the next
// block. A changed byte anywhere in a file is noticed.
//
// Session ids are those of the recording run plus a base that is derived from the run's instance id, so that several
// runs, and files of several agents, never share one; files that a converter wrote have the base 0.
//
// Memory: held_bytes_max, the exchange that is being read, a block (256 KiB as a rule, take_payload_max at most), and
// 10 MiB of block index at most.
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/recording/exchange_source.hpp"

namespace understudy {

// A moment of a recording: a time of day, or so long after its first request.
struct RecordingTime {
  std::optional<WallTime> wall;  // empty: `offset` counts
  Nanoseconds offset{0};

  [[nodiscard]] static RecordingTime at(WallTime time) { return {time, Nanoseconds(0)}; }
  [[nodiscard]] static RecordingTime after(Nanoseconds offset) { return {std::nullopt, offset}; }
};

struct TakeReadOptions {
  std::optional<RecordingTime> from = std::nullopt;  // requests that began before it are left out
  std::optional<RecordingTime> to = std::nullopt;    // requests that began at it or later are left out
  std::string key_file = {};                         // for an encrypted recording; see take_key.hpp for its form
  std::size_t held_bytes_max = std::size_t{64} << 20U;
  Nanoseconds pipe_window = std::chrono::seconds(1);
};

// Opens a recording; "-" is standard input. Errors, all ExitCode::recording_unreadable: it cannot be opened, is empty,
// is no `.take` file, is of a later version, is encrypted and the key is missing or wrong.
[[nodiscard]] Result<std::unique_ptr<ExchangeSource>> open_take(const std::string& path, TakeReadOptions options = {});

// Whether a file that begins with these bytes (8 are enough) is a `.take` recording.
[[nodiscard]] bool is_take(std::string_view first_bytes);

// What the block headers of a file tell, without unpacking it: for a quick look, and to place a window over several
// files.
struct TakeOverview {
  std::uint64_t bytes = 0;
  std::uint64_t segments = 0;   // runs that appended to it
  std::uint64_t blocks = 0;     // of exchanges
  std::uint64_t exchanges = 0;  // as the headers count them
  std::uint64_t unpacked_bytes = 0;
  std::uint64_t damages = 0;      // places where no block could be found
  std::optional<WallTime> first;  // first byte of the earliest request
  std::optional<WallTime> last;   // first byte of the latest request
  bool encrypted = false;
  bool certified = false;  // every segment has its certificate
};

// Reads the headers of a file that can be seeked. Errors as open_take().
[[nodiscard]] Result<TakeOverview> overview_of_take(const std::string& path);

// The text under a name in the origin of a file's first segment ("host", "instance": FORMAT.md). Nothing where there is
// none, or the file is no readable recording.
[[nodiscard]] std::optional<std::string> origin_of_take(const std::string& path, std::string_view name);

}  // namespace understudy
