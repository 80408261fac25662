#include "replay/clone/clone_progress.hpp"

#include <utility>

#include "traffic/base/json_text.hpp"
#include "traffic/base/time_text.hpp"

namespace understudy {

CloneProgress::CloneProgress(std::string id, const Clock& clock) : clock_(clock) {
  state_.id = std::move(id);
  state_.started_at = now();
  state_.updated_at = state_.started_at;
}

CloneState CloneProgress::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void CloneProgress::set_status(CloneStatus status) {
  update([&](CloneState& state) { state.status = status; });
}

void CloneProgress::add_error(std::string_view text) {
  std::string line;
  append_printable(line, text);
  update([&](CloneState& state) {
    if (state.errors.size() < errors_max) state.errors.push_back(std::move(line));
  });
}

CloneState CloneProgress::wait_until_final(Nanoseconds timeout) const {
  std::unique_lock lock(mutex_);
  final_.wait_for(lock, timeout, [this] { return is_final(state_.status); });
  return state_;
}

void CloneProgress::changed(CloneStatus before) {
  if (is_final(before)) state_.status = before;
  state_.updated_at = now();
  if (is_final(before) || !is_final(state_.status)) return;
  state_.finished_at = state_.updated_at;
  final_.notify_all();
}

std::string CloneProgress::now() const {
  std::string text;
  append_rfc3339(text, clock_.wall_now());
  return text;
}

}  // namespace understudy
