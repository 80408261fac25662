#include "traffic/recording/line_input.hpp"

#include <algorithm>

namespace understudy {

std::string_view LineInput::line() const {
  std::string_view text = input_->buffered().substr(0, length_);
  if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  return text;
}

// False: the line is too long.
Result<bool> LineInput::find_end() {
  std::size_t from = 0;
  while (true) {
    const std::string_view window = input_->buffered();
    const std::size_t found = window.find('\n', from);
    has_end_ = found != std::string_view::npos;
    if (has_end_) {
      length_ = found;
      taken_ = found + 1;
      return length_ <= line_max_;
    }
    if (window.size() > line_max_) return false;
    from = window.size();
    auto more = input_->fill(from + 1);  // as much as comes at a time; a live input shall not wait for more
    if (!more) return more;
    if (!*more) {
      length_ = from;
      taken_ = from;
      return true;
    }
  }
}

Result<bool> LineInput::skip_long_line(RecordingReport& report) {
  const std::uint64_t begin = input_->position();
  while (true) {
    const std::string_view window = input_->buffered();
    const std::size_t end = std::min(window.find('\n'), window.size());
    const bool found = end < window.size();
    input_->consume(end + (found ? 1 : 0));
    auto more = found ? Result<bool>(true) : input_->fill(1);
    if (!more) return more;
    if (!found && *more) continue;
    report.note_damage({name(), begin, input_->position() - begin, "a line that is longer than any line may be"});
    return true;
  }
}

Result<bool> LineInput::next(RecordingReport& report) {
  input_->consume(std::exchange(taken_, 0));
  while (true) {
    auto found = find_end();
    report.bytes += input_->bytes_read() - std::exchange(counted_, input_->bytes_read());
    while (auto damage = input_->take_damage()) report.note_damage(std::move(*damage));
    if (!found) return found;
    if (*found) return taken_ != 0;
    taken_ = 0;
    auto skipped = skip_long_line(report);
    if (!skipped) return skipped;
  }
}

}  // namespace understudy
