// Reads HTTP archives (HAR 1.2): of browsers, proxies and test tools, and our own (har_writer.hpp).
//
// What a browser wrote is made into HTTP/1.1 that can be sent:
//   - HTTP/2 and HTTP/3 become HTTP/1.1; pseudo header fields go, and Host is made of ":authority" or of the URL;
//   several
//     Cookie fields become one (RFC 9113 section 8.2.3).
//   - Bodies in a HAR are decoded: Transfer-Encoding goes from both messages and Content-Encoding from the response,
//   and
//     Content-Length is set to what is there. Text is written as UTF-8.
//   - A body of which only the size is told is not kept (Body::is_kept()).
// What has `"_asOnWire": true` is taken as it stands; see har_writer.hpp.
//
// Left out, and counted in the report: requests of other schemes than http and https, and CONNECT. A response of status
// 0 is none.
//
// Sessions: `_sessionId`, or `connection` within the file; an entry without either is a session of its own, and
// RecordingReport::sessions_known becomes false.
//
// Order: by startedDateTime, exactly within ReorderLimits. Memory: that of the limits, and the largest entry (at most
// har_entry_max) with what it holds, at a time; the file is not held. Thread safety: one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "traffic/recording/exchange_source.hpp"
#include "traffic/recording/reorder_window.hpp"
#include "traffic/recording/unpacked_input.hpp"

namespace understudy {

inline constexpr std::size_t har_entry_max = std::size_t{192} << 20U;

[[nodiscard]] std::unique_ptr<ExchangeSource> open_har(std::unique_ptr<UnpackedInput> input,
                                                       const ReorderLimits& limits);

// Whether a text that begins so is a HAR: an object whose first key is "log".
[[nodiscard]] bool is_har(std::string_view first_bytes);
// The first startedDateTime of a text that begins so; pages come before entries and do not begin later.
[[nodiscard]] std::optional<WallTime> first_har_time(std::string_view first_bytes);

}  // namespace understudy
