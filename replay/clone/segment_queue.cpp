#include "replay/clone/segment_queue.hpp"

#include <algorithm>
#include <utility>

namespace understudy {
namespace {

[[nodiscard]] std::size_t expected_objects(const SegmentTask& task) {
  return std::max<std::size_t>(task.request.objects, 1);
}

}  // namespace

SegmentQueue::SegmentQueue(std::size_t workers, std::size_t segments_max)
    : workers_(workers), segments_max_(segments_max) {}

bool SegmentQueue::push(std::shared_ptr<SegmentTask> task, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait(lock, stop, [this] { return pending_.size() < segments_max_; })) return false;
  pending_.push_back(std::move(task));
  ++unfinished_;
  changed_.notify_all();
  return true;
}

void SegmentQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

void SegmentQueue::wait_until_idle(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  (void)changed_.wait(lock, stop, [this] { return unfinished_ == 0; });
}

// What is ready should last until the next segment is, which takes about as long as two copies.
bool SegmentQueue::wants_more_open() const { return !pending_.empty() && ready_ + expected_ < 3 * workers_; }

SegmentQueue::Work SegmentQueue::take(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto is_over = [this] { return closed_ && unfinished_ == 0; };
  if (!changed_.wait(lock, stop, [&] { return ready_ > 0 || wants_more_open() || is_over(); })) return {};
  if (stop.stop_requested()) return {};
  if (wants_more_open()) {
    Work work{WorkKind::prepare, std::move(pending_.front()), 0};
    pending_.pop_front();
    expected_ += expected_objects(*work.task);
    changed_.notify_all();
    return work;
  }
  if (ready_ == 0) return {};
  std::shared_ptr<SegmentTask> task = open_.front();
  const std::size_t index = task->next;
  --ready_;
  do {
    ++task->next;
  } while (task->next < task->objects.size() && task->skip[task->next]);
  if (task->next == task->objects.size()) open_.pop_front();
  // All: one alone could be the lister, or whoever waits for the end.
  if (wants_more_open()) changed_.notify_all();
  return {WorkKind::copy, std::move(task), index};
}

bool SegmentQueue::open(const std::shared_ptr<SegmentTask>& task) {
  const std::lock_guard lock(mutex_);
  expected_ -= expected_objects(*task);
  task->copied.assign(task->objects.size(), false);
  task->unverified.assign(task->objects.size(), false);
  task->skip.resize(task->objects.size(), false);
  while (task->next < task->objects.size() && task->skip[task->next]) ++task->next;
  for (const bool skipped : task->skip) task->unfinished += skipped ? 0 : 1;
  ready_ += task->unfinished;
  if (task->unfinished > 0) open_.push_back(task);
  changed_.notify_all();
  return task->unfinished > 0;
}

bool SegmentQueue::done(SegmentTask& task, std::size_t index, Outcome outcome) {
  const std::lock_guard lock(mutex_);
  task.copied[index] = outcome == Outcome::copied || outcome == Outcome::verified;
  task.unverified[index] = outcome == Outcome::copied;
  if (outcome == Outcome::verified) ++task.response.verified_by_etag;
  if (outcome == Outcome::gone) ++task.response.gone;
  if (outcome == Outcome::failed) task.failed = true;
  return --task.unfinished == 0;
}

void SegmentQueue::finished() {
  const std::lock_guard lock(mutex_);
  --unfinished_;
  changed_.notify_all();
}

}  // namespace understudy
