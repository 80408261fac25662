// Whether a difference of one side of an exchange was seen on the other side, too: the ground of the noise test in
// difference_book.hpp.
#pragma once

#include <cstdint>

#include "replay/compare/difference.hpp"

namespace understudy {

enum class Sighting : std::uint8_t {
  alone,    // the other side agrees with what was expected there
  both,     // the other side differs in the same field, or around it
  unknown,  // the other side failed, so that nobody can tell
};

// Of a difference of one side, beside all those of the other; both are to the same expected response. Pure.
[[nodiscard]] Sighting sighting_of(const Difference& difference, const Differences& other);

}  // namespace understudy
