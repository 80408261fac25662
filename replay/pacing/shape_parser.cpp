// The language of shapes, by recursive descent. docs/pacing.md has the grammar.
#include <fmt/format.h>

#include <utility>

#include "replay/pacing/pacing_options.hpp"
#include "replay/pacing/shape.hpp"
#include "traffic/base/quantity_text.hpp"
#include "traffic/base/text_scanner.hpp"

namespace understudy {
namespace {

constexpr std::string_view segment_forms =
    "a rate as in \"100/s\", or one of \"ramp\", \"hold\", \"step\", \"sine\" and \"pause\"";

// One number of a rate: "100", "10k".
std::optional<long double> take_scaled(TextScanner& scan) {
  const auto number = scan.take_number();
  if (!number) return std::nullopt;
  return scan.take_word("k") ? *number * 1000 : *number;
}

// "/s", "/m" or "/h": what to divide by for a second. Nothing, and nothing is taken, when that is not there.
std::optional<long double> take_period(TextScanner& scan) {
  const std::size_t begin = scan.mark();
  if (scan.take_symbol("/")) {
    if (scan.take_word("s")) return 1;
    if (scan.take_word("m")) return 60;
    if (scan.take_word("h")) return 3'600;
  }
  scan.back_to(begin);
  return std::nullopt;
}

class ShapeParser {
 public:
  ShapeParser(std::string_view text, std::string_view what) : scan_(text), what_(what) {}

  Result<Shape> shape() {
    do {
      if (segments_.size() == Shape::segments_max) {
        return refuse(fmt::format("at most {} segments", Shape::segments_max));
      }
      if (const auto done = segment(); !done) return tl::unexpected(done.error());
      if (endless_ && !scan_.at_end()) {
        return refuse("\"for\" and a time in front of this, for only the last segment can be without end");
      }
    } while (scan_.take_symbol(","));
    if (!scan_.at_end()) return refuse("a comma and a further segment, or the end");
    Shape shape(std::move(segments_));
    if (shape.requests() == 0U) {
      return fail(ExitCode::usage, fmt::format("{} asks for no request at all: raise a rate or a time", what_));
    }
    return shape;
  }

  Result<long double> lone_rate() {
    const auto found = rate();
    if (found && !scan_.at_end()) return refuse("the end");
    return found;
  }

 private:
  tl::unexpected<Error> refuse(std::string_view expected) { return scan_.refuse(what_, expected); }
  tl::unexpected<Error> refuse_at(std::size_t mark, std::string_view expected) {
    scan_.back_to(mark);
    return refuse(expected);
  }

  Result<long double> rate() {
    const std::size_t begin = (static_cast<void>(scan_.rest()), scan_.mark());
    const auto number = take_scaled(scan_);
    if (!number) return refuse("a rate as in \"100/s\"");
    const auto period = take_period(scan_);
    if (!period) return refuse("\"/s\", \"/m\" or \"/h\" behind the number");
    return checked_rate(begin, *number / *period);
  }

  Result<long double> checked_rate(std::size_t begin, long double rate) {
    if (rate > static_cast<long double>(Shape::rate_max)) {
      return refuse_at(begin, fmt::format("at most {}/s", count_text(Shape::rate_max)));
    }
    return rate;
  }

  Result<Nanoseconds> duration(std::string_view expected) {
    const std::size_t begin = scan_.mark();
    const auto found = scan_.take_duration();
    if (!found) return refuse(expected);
    if (*found <= Nanoseconds(0)) return refuse_at(begin, "a time above zero");
    if (*found > Shape::length_max - length_) return refuse_at(begin, "a shape of one year at most");
    return *found;
  }

  // The time of a segment that may be without end: "for 10m", or nothing at all.
  Result<void> finish(Segment segment, bool for_was_read) {
    const bool more = !scan_.at_end() && !scan_.rest().starts_with(",");
    if (for_was_read || scan_.take_word("for")) {
      const auto time = duration("a time as in \"10m\"");
      if (!time) return tl::unexpected(time.error());
      segment.duration = *time;
    } else if (more) {
      return refuse("\"for\" and a time, a comma, or the end");
    } else if (!(segment.rate_end > 0)) {
      return refuse("\"for\" and a time: a rate of zero without end never sends");
    }
    return add(std::move(segment));
  }

  Result<void> add(Segment segment) {
    if (segment.duration) {
      length_ += *segment.duration;
    } else {
      endless_ = true;
    }
    segments_.push_back(std::move(segment));
    return {};
  }

  Result<void> segment() {
    if (scan_.take_word("ramp")) return ramp();
    if (scan_.take_word("hold")) return hold();
    if (scan_.take_word("pause")) return pause();
    if (scan_.take_word("sine")) return sine();
    const bool step = scan_.take_word("step");
    if (step && !scan_.take_word("to")) return refuse("\"to\" and a rate, as in \"step to 500/s\"");
    if (!step) {
      const std::size_t begin = scan_.mark();
      if (!scan_.take_number()) return refuse(segment_forms);
      scan_.back_to(begin);
    }
    const auto found = rate();
    if (!found) return tl::unexpected(found.error());
    last_rate_ = *found;
    return finish({.rate_begin = *found, .rate_end = *found}, false);
  }

  Result<void> ramp() {
    long double from = last_rate_.value_or(0);
    if (scan_.take_word("from")) {
      const auto given = rate();
      if (!given) return tl::unexpected(given.error());
      from = *given;
    }
    if (!scan_.take_word("to")) return refuse("\"to\" and a rate, as in \"ramp to 2000/s over 5m\"");
    const auto to = rate();
    if (!to) return tl::unexpected(to.error());
    if (!scan_.take_word("over") && !scan_.take_word("for")) return refuse("\"over\" and a time, as in \"over 5m\"");
    const auto time = duration("a time as in \"5m\"");
    if (!time) return tl::unexpected(time.error());
    last_rate_ = *to;
    return add({.kind = SegmentKind::ramp, .rate_begin = from, .rate_end = *to, .duration = *time});
  }

  Result<void> hold() {
    if (!last_rate_) return refuse("a rate before \"hold\", for there is none yet to hold");
    const bool for_was_read = scan_.take_word("for") || (!scan_.at_end() && !scan_.rest().starts_with(","));
    return finish({.rate_begin = *last_rate_, .rate_end = *last_rate_}, for_was_read);
  }

  // The rate from before it is kept for `hold` and `ramp` behind it.
  Result<void> pause() {
    static_cast<void>(scan_.take_word("for"));
    const auto time = duration("a time as in \"pause 5s\"");
    if (!time) return tl::unexpected(time.error());
    return add({.duration = *time});
  }

  // "sine 100..500/s every 1m for 10m"; both ends may have a unit of their own.
  Result<void> sine() {
    const std::size_t begin = (static_cast<void>(scan_.rest()), scan_.mark());
    const auto lowest = take_scaled(scan_);
    if (!lowest) return refuse("two rates as in \"sine 100..500/s\"");
    const auto lowest_period = take_period(scan_);
    if (!scan_.take_symbol("..")) return refuse("two dots and the highest rate, as in \"sine 100..500/s\"");
    const auto highest = take_scaled(scan_);
    if (!highest) return refuse("the highest rate, as in \"sine 100..500/s\"");
    const auto period = take_period(scan_);
    if (!period) return refuse("\"/s\", \"/m\" or \"/h\" behind the number");
    const long double low = *lowest / lowest_period.value_or(*period);
    const auto high = checked_rate(begin, *highest / *period);
    if (!high) return tl::unexpected(high.error());
    if (low > *high || !(*high > 0)) return refuse_at(begin, "the lower rate first, and a higher one above zero");
    if (!scan_.take_word("every")) return refuse("\"every\" and a time, as in \"every 1m\"");
    const auto wave = duration("the time of one wave, as in \"1m\"");
    if (!wave) return tl::unexpected(wave.error());
    Segment segment{.kind = SegmentKind::sine, .rate_begin = low, .rate_end = *high, .period = *wave};
    const auto done = finish(segment, false);
    if (done && segments_.back().duration) last_rate_ = segments_.back().rate_at(*segments_.back().duration);
    return done;
  }

  TextScanner scan_;
  std::string_view what_;
  std::vector<Segment> segments_;
  std::optional<long double> last_rate_;
  Nanoseconds length_{0};
  bool endless_ = false;
};

}  // namespace

Result<Shape> Shape::parse(std::string_view text) { return ShapeParser(text, "the rate").shape(); }

Result<double> parse_request_rate(std::string_view text) {
  const auto rate = ShapeParser(text, "the rate").lone_rate();
  if (!rate) return tl::unexpected(rate.error());
  if (!(*rate > 0)) return fail(ExitCode::usage, "cannot read the rate at character 1: expected a rate above zero");
  return static_cast<double>(*rate);
}

}  // namespace understudy
