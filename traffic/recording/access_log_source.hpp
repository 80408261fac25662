// Reads access logs as recordings: nginx and Apache, AWS ALB, IIS (access_log_line.hpp); the kind is found by the first
// lines.
//
// A log has no bodies and few headers, so only what can be made of it is given: GET and HEAD, with Host, User-Agent and
// Referer as far as they are logged. Requests of other methods are left out, and counted. Responses have the status and
// the size that was logged, no headers, and a body of which only that size is known.
//
// Sessions: one for each client address and user agent, which is what a log tells. RecordingReport::sessions_known is
// false.
//
// Time: most logs have whole seconds. The requests of one second are spread evenly over it, in their order, since else
// they would all be due at once. ALB tells when a request arrived, beside when it was answered; the others are taken as
// the time of the request.
//
// Lines that cannot be read are damage, and passed over. Memory: that of the limits. Thread safety: one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "traffic/recording/exchange_source.hpp"
#include "traffic/recording/reorder_window.hpp"
#include "traffic/recording/unpacked_input.hpp"

namespace understudy {

inline constexpr std::size_t access_log_line_max = std::size_t{64} << 10U;

struct AccessLogOptions {
  std::string host;  // where the log tells none; empty: the request has no Host
  ReorderLimits limits;
};

// A text whose kind cannot be found gives no exchange, and damage.
[[nodiscard]] std::unique_ptr<ExchangeSource> open_access_log(std::unique_ptr<UnpackedInput> input,
                                                              const AccessLogOptions& options);

// Whether a text that begins so is an access log of a kind that is known.
[[nodiscard]] bool is_access_log(std::string_view first_bytes);
// The time of the first line that can be read, of a text that begins so.
[[nodiscard]] std::optional<WallTime> first_access_log_time(std::string_view first_bytes);

}  // namespace understudy
