// Reads recordings of JSON Lines (docs/recording-jsonl.md): the inverse of JsonlWriter.
//
//   auto source = open_jsonl(std::move(input), {});
//
// What the form does not hold comes back so: a head's lines end in CRLF and have one space behind the colon; a chunked
// body is one chunk without trailers; the last byte of a message has the time of its first.
//
// Order: lines are in the order in which exchanges ended; they are given in the order of their requests, exactly where
// no exchange lasted longer than ReorderLimits::span and the other limits are not reached.
//
// Sessions: equal strings are the same session, in all files (session_named()). A line without one is a session of its
// own.
//
// Damage is told and passed over: a line that is no such object, a body whose length or digest is not the one told, a
// head that cannot be one.
//
// Memory: that of the limits, and the largest line (at most jsonl_line_max) with what it holds, at a time.
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "traffic/recording/exchange_source.hpp"
#include "traffic/recording/reorder_window.hpp"
#include "traffic/recording/unpacked_input.hpp"

namespace understudy {

// Two bodies of 64 MiB in base64, and heads.
inline constexpr std::size_t jsonl_line_max = std::size_t{192} << 20U;

[[nodiscard]] std::unique_ptr<ExchangeSource> open_jsonl(std::unique_ptr<UnpackedInput> input,
                                                         const ReorderLimits& limits);

// Whether a text that begins so is a recording of JSON Lines: an object whose first key is one of the form's.
[[nodiscard]] bool is_jsonl(std::string_view first_bytes);
// The time of the first line's request, of a text that begins so. Empty where the line is cut or holds none.
[[nodiscard]] std::optional<WallTime> first_jsonl_time(std::string_view first_bytes);

}  // namespace understudy
