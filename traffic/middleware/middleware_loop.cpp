#include "traffic/middleware/middleware_loop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "traffic/middleware/hex_line.hpp"

namespace understudy {
namespace {

// Encoded bytes that wait for the pipe. More would only wait there instead of in the queue.
constexpr std::size_t to_child_max = std::size_t{256} << 10U;
constexpr std::size_t log_line_max = 4096;
// Time is read from the clock this often while something waits for it, so that a clock that is moved by hand is seen.
constexpr Nanoseconds tick = std::chrono::milliseconds(20);
constexpr Nanoseconds idle = std::chrono::seconds(60);

}  // namespace

MiddlewareLoop::MiddlewareLoop(MiddlewareOptions options, std::unique_ptr<MiddlewareChild> child,
                               MiddlewareInbox& inbox, const Clock& clock)
    : options_(std::move(options)), child_(std::move(child)), inbox_(inbox), clock_(clock) {}

std::string MiddlewareLoop::key_of(GorType type, std::string_view id) {
  std::string key(1, static_cast<char>(type));
  key += id;
  return key;
}

void MiddlewareLoop::tell(const std::string& text) const {
  if (options_.on_trouble) options_.on_trouble(text);
}

Nanoseconds MiddlewareLoop::wait_time() const {
  return pending_.empty() && queued_.empty() && !restart_at_ ? idle : tick;
}

void MiddlewareLoop::run() {
  block_pipe_signal();
  while (!inbox_.stopped()) step();
  take_messages();
  give_up_all();
  if (child_ != nullptr) child_->close_input();
  child_.reset();
}

void MiddlewareLoop::step() {
  if (child_ != nullptr) {
    child_->wait(written_ < to_child_.size(), inbox_.wake().handle(), wait_time());
  } else {
    inbox_.wake().wait(wait_time());
  }
  inbox_.wake().clear();
  take_messages();
  if (child_ != nullptr) read();
  if (child_ != nullptr) write();
  expire();
  if (restart_at_ && now() >= *restart_at_) restart();
}

void MiddlewareLoop::take_messages() {
  const MonotonicTime due = now() + options_.answer_max;
  for (MiddlewareMessage& message : inbox_.take_all()) queued_.push_back({std::move(message), due});
}

void MiddlewareLoop::settle(const std::function<void(MiddlewareVerdict, std::string_view)>& done, std::size_t bytes,
                            MiddlewareVerdict verdict, std::string_view result) {
  if (done) {
    const MonotonicTime before = clock_.monotonic_now();
    done(verdict, result);
    in_callbacks_ += clock_.monotonic_now() - before;
  }
  inbox_.settle(verdict, bytes);
}

void MiddlewareLoop::encode(MiddlewareMessage message) {
  std::string meta;
  append_gor_meta(meta, {message.type, message.id, message.start, message.latency});
  append_hex(to_child_, meta);
  append_hex(to_child_, message.bytes);
  to_child_ += '\n';
  if (!message.done) return inbox_.settle_shown(message.bytes.size());
  pending_.push_back(
      {key_of(message.type, message.id), message.bytes.size(), now() + options_.answer_max, std::move(message.done)});
  by_key_.emplace(pending_.back().key, std::prev(pending_.end()));
}

void MiddlewareLoop::write() {
  while (true) {
    while (!queued_.empty() && to_child_.size() - written_ < to_child_max) {
      encode(std::move(queued_.front().message));
      queued_.pop_front();
    }
    std::string_view rest = std::string_view(to_child_).substr(written_);
    if (rest.empty()) break;
    const MiddlewareChild::Transfer transfer = child_->write_input(rest);
    if (to_child_.size() - rest.size() != written_) moved_ = now();
    written_ = to_child_.size() - rest.size();
    if (transfer == MiddlewareChild::Transfer::closed) return child_ended();
    if (transfer == MiddlewareChild::Transfer::later) break;
  }
  if (written_ == to_child_.size() || written_ > to_child_max) to_child_.erase(0, std::exchange(written_, 0));
}

void MiddlewareLoop::read() {
  read_child_log();
  const std::size_t line_max = 2 * (options_.message_bytes_max + gor_meta_max);
  const std::size_t before = from_child_.size();
  const MiddlewareChild::Transfer transfer = child_->read_output(from_child_);
  std::size_t begin = 0;
  std::size_t end = from_child_.find('\n', before);
  for (; end != std::string::npos; end = from_child_.find('\n', begin)) {
    if (!std::exchange(skips_line_, false)) take_line(std::string_view(from_child_).substr(begin, end - begin));
    begin = end + 1;
  }
  from_child_.erase(0, begin);
  if (from_child_.size() > line_max) {
    if (!std::exchange(skips_line_, true)) inbox_.count(&MiddlewareCounts::unreadable);
    from_child_.clear();
  }
  if (transfer == MiddlewareChild::Transfer::closed) child_ended();
}

void MiddlewareLoop::take_line(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) return;
  const auto bytes = decode_hex(line);
  GorMeta meta;
  std::size_t meta_length = 0;
  if (!bytes || parse_gor_meta(*bytes, meta, meta_length) != GorMetaResult::valid) {
    return inbox_.count(&MiddlewareCounts::unreadable);
  }
  const auto [first, last] = by_key_.equal_range(key_of(meta.type, meta.id));
  if (first == last) {
    if (meta.type == GorType::request) inbox_.count(&MiddlewareCounts::unknown);
    return;
  }
  const Pending pending = std::move(*first->second);
  pending_.erase(first->second);
  by_key_.erase(first);
  settle(pending.done, pending.bytes, MiddlewareVerdict::returned, std::string_view(*bytes).substr(meta_length));
}

void MiddlewareLoop::read_child_log() {
  static_cast<void>(child_->read_errors(log_));
  std::size_t begin = 0;
  while (begin < log_.size()) {
    std::size_t end = log_.find('\n', begin);
    if (end == std::string::npos && log_.size() - begin < log_line_max) break;
    const bool is_cut = end == std::string::npos || end - begin > log_line_max;
    if (is_cut) end = begin + log_line_max;
    if (options_.on_child_log) options_.on_child_log(std::string_view(log_).substr(begin, end - begin));
    begin = end + (is_cut ? 0 : 1);
  }
  log_.erase(0, begin);
}

bool MiddlewareLoop::is_stuck(MonotonicTime time) const {
  return !options_.patient || child_ == nullptr || moved_ + options_.answer_max <= time;
}

// A message that was written and not given back was omitted; one that could not be written was not judged.
void MiddlewareLoop::expire() {
  const MonotonicTime time = now();
  while (!pending_.empty() && pending_.front().due <= time) {
    const auto [first, last] = by_key_.equal_range(pending_.front().key);
    by_key_.erase(std::find_if(first, last, [&](const auto& item) { return item.second == pending_.begin(); }));
    const Pending pending = std::move(pending_.front());
    pending_.pop_front();
    settle(pending.done, pending.bytes, MiddlewareVerdict::omitted, {});
  }
  while (!queued_.empty() && queued_.front().due <= time && is_stuck(time)) {
    const MiddlewareMessage message = std::move(queued_.front().message);
    queued_.pop_front();
    settle(message.done, message.bytes.size(), MiddlewareVerdict::unjudged, {});
  }
}

void MiddlewareLoop::give_up_all() {
  by_key_.clear();
  for (const Pending& pending : std::exchange(pending_, {})) {
    settle(pending.done, pending.bytes, MiddlewareVerdict::unjudged, {});
  }
  for (const Queued& queued : std::exchange(queued_, {})) {
    settle(queued.message.done, queued.message.bytes.size(), MiddlewareVerdict::unjudged, {});
  }
}

void MiddlewareLoop::child_ended() {
  inbox_.set_running(false);
  read_child_log();  // its last words
  if (!log_.empty() && options_.on_child_log) options_.on_child_log(log_);
  tell(fmt::format("the middleware '{}' is gone: {}; it is started again", options_.command[0], child_->end_text()));
  child_.reset();
  to_child_.clear();
  written_ = 0;
  from_child_.clear();
  log_.clear();
  skips_line_ = false;
  take_messages();
  give_up_all();
  restart_at_ = now() + options_.restart_pause;
}

void MiddlewareLoop::restart() {
  auto child = MiddlewareChild::start(options_.command);
  if (!child) {
    tell(child.error().message);
    restart_at_ = now() + options_.restart_pause;
    return;
  }
  restart_at_.reset();
  child_ = std::move(*child);
  inbox_.count(&MiddlewareCounts::restarts);
  inbox_.set_running(true);
}

}  // namespace understudy
