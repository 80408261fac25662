// A look at standard input that takes nothing from it.
#pragma once

#include <cstddef>
#include <string>

namespace understudy {

// The first bytes that standard input will give, `wanted` of them, or fewer where it ends before. Waits for them. Empty
// for what cannot be looked at without reading it (a terminal).
[[nodiscard]] std::string peek_standard_input(std::size_t wanted);

}  // namespace understudy
