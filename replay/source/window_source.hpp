// The part of a recording between two points of time.
//
// Thread safety: one thread.
#pragma once

#include <memory>
#include <optional>

#include "replay/source/open_recording.hpp"

namespace understudy {

// Gives the exchanges whose requests began in [from, to). An offset counts from the first exchange that the source
// gives, or from `first`, where that is known. Reading ends one minute of recorded time behind `to`, so that requests
// that come a little late are not missed. The report counts what is given.
[[nodiscard]] std::unique_ptr<ExchangeSource> cut_window(std::unique_ptr<ExchangeSource> source,
                                                         std::optional<TimeBound> from, std::optional<TimeBound> to,
                                                         std::optional<WallTime> first = std::nullopt);

}  // namespace understudy
