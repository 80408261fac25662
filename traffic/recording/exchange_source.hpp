// Recorded exchanges, one after another, from any format.
//
//   auto source = open_recording(...);                  // each format has its own way to be opened
//   while (true) {
//     Result<ExchangePtr> exchange = (*source)->next();
//     if (!exchange) return report(exchange.error());   // nothing more can be read
//     if (*exchange == nullptr) break;                  // the end
//   }
//   (*source)->report();                                // how much there was, what was damaged, how complete it is
//
// Order: by the packet time of the request's first byte, as exactly as the format allows; a source says in its own
// header how far out of order it may be. A session's requests are in their order always.
//
// Damage inside a recording is no error: it is passed over, and told in the report. Memory is bounded whatever the file
// holds. Thread safety: one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"
#include "traffic/http/exchange.hpp"
#include "traffic/observe/ledger.hpp"

namespace understudy {

// A stretch of a recording that could not be used.
struct RecordingDamage {
  std::string file;
  std::uint64_t offset = 0;  // of the file as it lies on disk, or of the unpacked text where the file is packed
  std::uint64_t length = 0;  // 0: unknown
  std::string text;          // what is wrong, in words
};

// Requests that are in a recording and were not given, on purpose: not a kind that can be played, or not asked for.
struct LeftOut {
  std::string reason;  // in words: "POST in an access log, which has no bodies"
  std::uint64_t count = 0;
};

// What a recording says of its own completeness, or what reading it showed.
enum class Completeness : std::uint8_t {
  complete,    // its certificate is there, nothing was lost and nothing is damaged
  incomplete,  // something was lost or damaged; the report says what
  unknown,     // the format does not tell
};

struct RecordingReport {
  static constexpr std::size_t damages_kept_max = 100;

  std::string format;  // "take", "gor", "har", "jsonl", "access log", or several, joined by ", "
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;      // read, as they lie on disk
  std::uint64_t exchanges = 0;  // given by next()
  std::uint64_t responses = 0;  // of them with a response
  std::optional<WallTime> first;
  std::optional<WallTime> last;
  Completeness completeness = Completeness::unknown;
  std::optional<LedgerTotals> ledger;  // the capture's and the recording's own, added up over files that have one
  std::string origin;                  // host, agent version and ports, where the format tells
  std::vector<std::string> servers;  // the distinct addresses of production's servers seen, "address:port"; 64 at most
  std::uint64_t out_of_order = 0;    // exchanges given behind one of a later time
  std::uint64_t damages = 0;         // how many, also beyond those kept
  std::vector<RecordingDamage> damage;
  std::vector<LeftOut> left_out;  // one for each reason
  bool sessions_known = true;     // false: the format does not tell connections, and each request is its own session

  void note_damage(RecordingDamage what) {
    ++damages;
    if (damage.size() < damages_kept_max) damage.push_back(std::move(what));
  }
  // `reason` is one of a few fixed texts, never text of the recording.
  void note_left_out(std::string_view reason, std::uint64_t count = 1) {
    for (LeftOut& known : left_out) {
      if (known.reason == reason) {
        known.count += count;
        return;
      }
    }
    left_out.push_back({std::string(reason), count});
  }
};

class ExchangeSource {
 public:
  virtual ~ExchangeSource() = default;

  // The next exchange, or null at the end. An error means that nothing more can be read (the file cannot be opened, is
  // none, or the disk fails), with ExitCode::recording_unreadable.
  [[nodiscard]] virtual Result<ExchangePtr> next() = 0;
  // What was found so far. Whole once next() gave null.
  [[nodiscard]] virtual const RecordingReport& report() const = 0;
};

// The other direction: writes exchanges in one format, for conversions. A recording made by the agent goes through a
// recording sink instead.
class ExchangeWriter {
 public:
  virtual ~ExchangeWriter() = default;
  // Appends one exchange. ExitCode::output_failed.
  [[nodiscard]] virtual Result<void> write(const Exchange& exchange) = 0;
  // Ends the file; `report` is of the source that the exchanges came from, and goes into what the format has for a
  // certificate. Nothing may be written afterwards.
  [[nodiscard]] virtual Result<void> finish(const RecordingReport& report) = 0;
  // What the format could not hold of the exchanges given, by reason: "requests whose body was only counted".
  [[nodiscard]] virtual std::vector<LeftOut> left_out() const { return {}; }
};

}  // namespace understudy
