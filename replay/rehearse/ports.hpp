// What a rehearsal needs of the program around it: how a run is played, and how a wait is ended.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "replay/report/run_result.hpp"
#include "replay/verdict/verdict.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// A request of a run that was answered or lost.
struct PlayedRequest {
  std::string route;
  std::string trace_id;  // value of the header that was asked for; "" without one
  WallTime sent_at{};
  WallTime answered_at{};
};

struct PlayOrder {
  RunSide side = RunSide::baseline;
  std::string url;
  std::optional<Nanoseconds> length;  // of a warm-up; nothing: as the plan says
  std::string out_folder;             // for the run's own reports; "": none
  std::string trace_header;           // "": played requests are not told
  // Asked several times a second; a text stops the run at once, and is why.
  std::function<std::optional<std::string>()> stop_reason = nullptr;
};

struct PlayedRun {
  RunResult result;
  std::vector<PlayedRequest> requests;  // where PlayOrder::trace_header was given
};

class ReplayDriver {
 public:
  virtual ~ReplayDriver() = default;
  // Whether the plan can be played, before anything is done. Errors name the flag.
  [[nodiscard]] virtual Result<void> check(const std::string& url) = 0;
  // One run to its end. A run that ended early is no Error, see RunResult::end; that nothing could be played is one.
  [[nodiscard]] virtual Result<PlayedRun> play(const PlayOrder& order) = 0;
  // Somebody asked the program to stop.
  [[nodiscard]] virtual bool stop_requested() const = 0;
};

// Where progress goes: a line a time, without a line end.
using ProgressLineSink = std::function<void(const std::string& line)>;

}  // namespace understudy
