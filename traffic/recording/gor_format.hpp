// The form of GoReplay's records, in files and on the lines of its middleware protocol.
//
//   META \n PAYLOAD SEPARATOR
//   META = type SP id SP number [SP number]
//
// The payload is an HTTP/1.x message as it was on the wire. There is neither a length nor any escaping, so a record
// ends at a SEPARATOR that is followed by a valid META or by the end.
//
// What the numbers mean depends on the version that wrote them:
//   type             up to 1.1                                1.2 and later
//   1, request       start                                    start, time from its first byte to its last
//   2, response      start, time since the request's end      start, time from its first byte to its last
//   3, of a replay   round trip, start (up to 2.0-rc2)        start, round trip (later)
// Starts are nanoseconds since the epoch; ids have 40 hexadecimal digits up to 1.1 and 24 later. Of the two numbers of
// type 3, the one above 1e17 is the start.
//
// Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "traffic/base/clock.hpp"

namespace understudy {

// A line of three monkeys, with the line ends around it.
inline constexpr std::string_view gor_separator = "\n\xF0\x9F\x90\xB5\xF0\x9F\x99\x88\xF0\x9F\x99\x89\n";
// Bytes of a META line, its line end included; a longer one is none.
inline constexpr std::size_t gor_meta_max = 200;

enum class GorType : char { request = '1', response = '2', replayed_response = '3' };

struct GorMeta {
  GorType type = GorType::request;
  std::string_view id;  // opaque; pairs a request with its responses. Borrowed
  WallTime start;
  std::optional<Nanoseconds> latency;  // the other number; see above
};

enum class GorMetaResult : std::uint8_t {
  valid,
  invalid,
  too_short,  // the text ends before the line does, and is no reason to refuse it
};

// Reads a META line at the front of `text`. `length` becomes that of the line with its line end.
[[nodiscard]] GorMetaResult parse_gor_meta(std::string_view text, GorMeta& meta, std::size_t& length);

// Appends a META line in the form of 1.2 and later, with four fields and the line end.
void append_gor_meta(std::string& out, const GorMeta& meta);

// Appends an id of 24 hexadecimal digits. Different numbers give different ids in one run; `seed` keeps runs apart.
void append_gor_id(std::string& out, std::uint32_t seed, std::uint64_t number);

}  // namespace understudy
