// Which pairs of runs may be compared, and whether there can be a verdict at all. Pure functions; any thread.
#pragma once

#include <string>
#include <vector>

#include "replay/verdict/verdict.hpp"

namespace understudy {

// Why a pair says nothing; "" when it is valid.
[[nodiscard]] std::string invalidity_of(const MeasuredPair& pair, const VerdictMethod& method);

// Why there can be no verdict, weightiest first; empty when there can. `invalid` is invalidity_of() each pair.
[[nodiscard]] std::vector<std::string> refusals_of(const VerdictInput& input, const std::vector<std::string>& invalid);

// What a reader should know of data and caches, where it forbids nothing.
[[nodiscard]] std::vector<std::string> cache_warnings(const VerdictInput& input);

}  // namespace understudy
