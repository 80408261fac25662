// Any JSON as a flat list: a JSON pointer (RFC 6901) and a value for each leaf.
//
//   {"users": {"count": 3}, "tags": ["a"]}  ->  /users/count 3, /tags/0 "a"
//
// An empty object or array is a leaf, so that nothing disappears. Values; pure functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "traffic/base/error.hpp"

namespace understudy {

inline constexpr std::size_t statistics_paths_max = 100'000;

// Empty containers, as leaves.
enum class EmptyContainer : std::uint8_t { object, array };
// Null is std::monostate. A whole number is signed where it fits.
using JsonLeaf = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, EmptyContainer>;

// JSON text: 3, "a", null, {}.
[[nodiscard]] std::string to_json(const JsonLeaf& leaf);
// Whether number_of may be asked.
[[nodiscard]] bool is_number(const JsonLeaf& leaf);
// Exact for every 64 bit integer where long double has 64 bits of mantissa, as on x86. REQUIRES: is_number.
[[nodiscard]] long double number_of(const JsonLeaf& leaf);
// As JSON: 1 and 1.0 are the same number.
[[nodiscard]] bool is_equal(const JsonLeaf& a, const JsonLeaf& b);

// By pointer. The root alone is "".
using FlatJson = std::map<std::string, JsonLeaf, std::less<>>;

// `what` is where the text came from, for errors: ExitCode::environment_unfit when it is no JSON, or has more leaves
// than statistics_paths_max.
[[nodiscard]] Result<FlatJson> flatten_json(std::string_view what, std::string_view text);

// Segments between slashes, "~0" and "~1" resolved. REQUIRES: pointer is "" or begins with "/".
[[nodiscard]] std::vector<std::string> pointer_segments(std::string_view pointer);

}  // namespace understudy
