#include "replay/pacing/pacing_options.hpp"

#include <fmt/format.h>

#include <utility>

#include "replay/pacing/pacers.hpp"
#include "replay/pacing/shape.hpp"
#include "traffic/base/text_scanner.hpp"

namespace understudy {
namespace {

constexpr double speed_min = 0.001;
constexpr double speed_max = 1000;

tl::unexpected<Error> of_option(std::string_view option, const Error& error) {
  return fail(error.code, fmt::format("{}: {}", option, error.message));
}

// Which option contradicts which, in words; empty when all agree.
std::string contradiction(const PacingOptions& options) {
  const bool shaped = !options.rate.empty();
  if (options.as_fast_as_possible) {
    const std::string_view other = shaped                      ? "--rate"
                                   : !options.speed.empty()    ? "--speed"
                                   : options.idle_max          ? "--idle-max"
                                   : !options.rate_max.empty() ? "--rate-max"
                                   : options.poisson           ? "--poisson"
                                                               : "";
    if (other.empty()) return {};
    return fmt::format("--fast sends without any timing, so {} means nothing beside it: leave one of them out", other);
  }
  if (shaped && !options.speed.empty()) {
    return "--rate replaces recorded timing and --speed changes it: leave one of them out";
  }
  if (shaped && options.idle_max) {
    return "--rate replaces recorded timing, so there are no gaps for --idle-max to cut: leave one of them out";
  }
  if (options.poisson && !shaped) return "--poisson needs the mean rate of its arrivals: add --rate";
  if (options.idle_max && *options.idle_max <= Nanoseconds(0)) {
    return "--idle-max needs a time above zero; to send without any timing use --fast";
  }
  return {};
}

Result<std::unique_ptr<Pacer>> shaped_pacer(const PacingOptions& options) {
  auto shape = Shape::parse(options.rate);
  if (!shape) return of_option("--rate", shape.error());
  if (options.poisson) return std::make_unique<PoissonPacer>(std::move(*shape), options.seed);
  return std::make_unique<ShapedPacer>(std::move(*shape));
}

Result<std::unique_ptr<Pacer>> recorded_pacer(const PacingOptions& options) {
  std::unique_ptr<Pacer> pacer = std::make_unique<RecordedPacer>();
  if (!options.speed.empty()) {
    const auto factor = parse_speed(options.speed);
    if (!factor) return of_option("--speed", factor.error());
    pacer = std::make_unique<ScaledPacer>(std::move(pacer), *factor);
  }
  if (options.idle_max) pacer = std::make_unique<IdleCutPacer>(std::move(pacer), *options.idle_max);
  return pacer;
}

}  // namespace

Result<double> parse_speed(std::string_view text) {
  TextScanner scan(text);
  const auto factor = scan.take_number();
  if (!factor) return scan.refuse("the speed", "a factor as in \"2x\" or \"0.5x\"");
  static_cast<void>(scan.take_word("x"));
  if (!scan.at_end()) return scan.refuse("the speed", "the end");
  if (*factor < speed_min || *factor > speed_max) {
    return fail(ExitCode::usage,
                fmt::format("a speed of {}x is out of range: use {} to {}; --fast sends without any timing",
                            static_cast<double>(*factor), speed_min, speed_max));
  }
  return static_cast<double>(*factor);
}

Result<std::unique_ptr<Pacer>> make_pacer(const PacingOptions& options) {
  if (std::string text = contradiction(options); !text.empty()) return fail(ExitCode::usage, std::move(text));
  if (options.as_fast_as_possible) return std::make_unique<FastPacer>();
  auto pacer = options.rate.empty() ? recorded_pacer(options) : shaped_pacer(options);
  if (!pacer || options.rate_max.empty()) return pacer;
  const auto rate_max = parse_request_rate(options.rate_max);
  if (!rate_max) return of_option("--rate-max", rate_max.error());
  return std::make_unique<CappedPacer>(std::move(*pacer), *rate_max);
}

}  // namespace understudy
