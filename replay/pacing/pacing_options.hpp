// From what a user asks for to a pacer: each option's text is read, and combinations that contradict are refused.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "replay/pacing/pacer.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// Texts as the options have them; empty: not given. Without any of them, recorded timing as it is. docs/pacing.md.
struct PacingOptions {
  std::string speed{};                    // --speed: "2x", "0.5x": a factor on recorded timing
  std::optional<Nanoseconds> idle_max{};  // --idle-max: gaps of the recording, after the factor, are cut to this
  std::string rate{};                     // --rate: a rate, or a shape in the language of docs/pacing.md
  bool poisson = false;                   // --poisson: arrivals around --rate at random instead of even spacing
  std::uint64_t seed = 1;                 // --seed: equal seeds give equal arrivals
  bool as_fast_as_possible = false;       // --fast: every request is due at once
  std::string rate_max{};                 // --rate-max: requests come no closer than this rate has them
};

// A factor: "2x", "0.5x", "2"; from 0.001 to 1000. ExitCode::usage.
[[nodiscard]] Result<double> parse_speed(std::string_view text);

// One rate: "500/s", "3333.3/s", "30/m", "10k/s"; above zero, at most Shape::rate_max a second. The result is in
// requests a second. ExitCode::usage. (parse_rate of traffic/base/units.hpp is for limits, which are whole numbers.)
[[nodiscard]] Result<double> parse_request_rate(std::string_view text);

// ExitCode::usage: a text that cannot be read, with the position, or options that exclude one another; the message
// names the options.
[[nodiscard]] Result<std::unique_ptr<Pacer>> make_pacer(const PacingOptions& options);

}  // namespace understudy
