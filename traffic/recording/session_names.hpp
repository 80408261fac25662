// Sessions of formats that name them by text, and the place of each request in its session.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "traffic/http/exchange.hpp"

namespace understudy {

// The id of a session that is named by text. The same text gives the same id always, so that a session goes on in the
// next file. A decimal number is itself, so that the ids of this project's own recordings stay; everything else is
// hashed to 64 bits.
[[nodiscard]] SessionId session_named(std::string_view name);

// Counts the requests of each session. Memory is bounded: of two generations of sessions_max / 2, a session that was
// not used for a whole generation is forgotten, and begins at 0 again.
class SessionCounts {
 public:
  static constexpr std::size_t sessions_max = std::size_t{1} << 17U;

  // 0 for the first request of a session, then 1, and so on.
  [[nodiscard]] std::uint32_t next(SessionId session);
  // Gives an exchange's request that place. REQUIRES: nobody else has the request yet.
  void number(const Exchange& exchange);

 private:
  std::unordered_map<SessionId, std::uint32_t> young_;
  std::unordered_map<SessionId, std::uint32_t> old_;
};

}  // namespace understudy
