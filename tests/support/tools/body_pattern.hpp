// Bodies whose every byte follows from the request's id, so that the receiver can prove them whole without a copy.
//
// Byte i of the body of request `id` is pattern[(id * 31 + i) mod 65536], where the pattern is fixed and pseudo-random:
// a byte lost, doubled, swapped or taken from another request shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace understudy::tools {

// Appends bytes [offset, offset + count) of the body of request `id`.
void append_body(std::string& to, std::uint64_t id, std::uint64_t offset, std::size_t count);

// Whether `bytes` are what the body of request `id` holds from `offset` on.
[[nodiscard]] bool body_matches(std::string_view bytes, std::uint64_t id, std::uint64_t offset);

}  // namespace understudy::tools
