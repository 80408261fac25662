// When each request is due.
//
// A pacer gives each request an offset from the start of the run. Offsets never decrease, and depend on the requests
// and on the pacer's own state only, never on how the run goes: load is open loop, and a late request does not delay
// the ones behind it. Pacers wrap one another: a speed factor around recorded timing, a cap around any.
//
// Thread safety: one thread, the scheduler's. The const functions may be called from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "traffic/base/clock.hpp"

namespace understudy {

class Pacer {
 public:
  virtual ~Pacer() = default;

  // The offset from the start of the run at which the next request is due. `recorded` is when it was made, from the
  // recording's first request, never decreasing; a repeated recording goes on counting. Nothing: the shape has ended,
  // and no further request is due, now or later.
  [[nodiscard]] virtual std::optional<Nanoseconds> due(Nanoseconds recorded) = 0;
  // The rate that is aimed at around that offset, in requests a second; nothing where it follows the recording.
  [[nodiscard]] virtual std::optional<double> rate_at(Nanoseconds offset) const = 0;
  // When the shape ends by itself; nothing: never, or it is not known before it is there.
  [[nodiscard]] virtual std::optional<Nanoseconds> length() const = 0;
  // How many requests the shape asks for in all; of Poisson arrivals the expected number. Nothing: it has no end, or
  // follows the recording.
  [[nodiscard]] virtual std::optional<std::uint64_t> requests() const = 0;
  // What it does, in words: "recorded timing at 2x, idle gaps cut to 5 s".
  [[nodiscard]] virtual std::string words() const = 0;
};

// The words with the length and the number of requests where they are known: "100/s for 1 min, then ... (1 min,
// 6,000 requests)". One line.
[[nodiscard]] std::string describe(const Pacer& pacer);

}  // namespace understudy
