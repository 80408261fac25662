// Hands a clone's work to its workers, object by object: however the keys lie, every worker has something to do until
// the last objects, and only a few segments are open at a time, so that little is lost when the clone is killed.
//
// Bounds: segments_max segments wait, each with the objects of one segment.
// Thread safety: any thread, but for what a comment says of SegmentTask.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

#include "replay/clone/segment_documents.hpp"
#include "replay/store/s3_types.hpp"

namespace understudy {

// One segment on its way. Until it is opened it belongs to one thread at a time; then `objects` and `skip` are read by
// all workers, and what follows them is guarded by the queue, but for finish, when it belongs to one thread again.
struct SegmentTask {
  SegmentRequest request;
  bool is_listed = false;    // `objects` is known
  bool takes_over = false;   // somebody began it before, and did not end it
  bool only_counts = false;  // somebody else has copied it: its response is read
  std::vector<S3Object> objects;
  std::vector<bool> skip;  // as many: not to be copied

  std::vector<bool> copied;      // as many
  std::vector<bool> unverified;  // as many: copied, and to be compared at the end
  std::size_t next = 0;          // the first object that nobody has taken
  std::size_t unfinished = 0;
  bool failed = false;
  SegmentResponse response;
};

class SegmentQueue {
 public:
  enum class WorkKind : std::uint8_t { none, prepare, copy };
  struct Work {
    WorkKind kind = WorkKind::none;
    std::shared_ptr<SegmentTask> task;
    std::size_t index = 0;  // copy: which object
  };

  SegmentQueue(std::size_t workers, std::size_t segments_max);

  // Waits while the queue is full. False: stopped.
  [[nodiscard]] bool push(std::shared_ptr<SegmentTask> task, const std::stop_token& stop);
  // Nothing more comes: workers end when all is done.
  void close();
  // Until every segment that was pushed is done, or stopped.
  void wait_until_idle(const std::stop_token& stop);

  // The next work. None: there is no more, or stopped.
  [[nodiscard]] Work take(const std::stop_token& stop);
  // After prepare: its objects may be copied. False: there is none to copy, and the caller finishes it.
  [[nodiscard]] bool open(const std::shared_ptr<SegmentTask>& task);
  enum class Outcome : std::uint8_t {
    verified,  // copied, and the copy has the source's ETag
    copied,    // not more is known yet
    gone,
    failed
  };
  // After copy. True: it was the last, and the caller finishes the segment.
  [[nodiscard]] bool done(SegmentTask& task, std::size_t index, Outcome outcome);
  // The segment is done with, well or not.
  void finished();

 private:
  [[nodiscard]] bool wants_more_open() const;

  const std::size_t workers_;
  const std::size_t segments_max_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable_any changed_;
  std::deque<std::shared_ptr<SegmentTask>> pending_;
  std::deque<std::shared_ptr<SegmentTask>> open_;  // with objects that nobody has taken
  std::size_t ready_ = 0;                          // objects of those
  std::size_t expected_ = 0;                       // objects of those being prepared
  std::size_t unfinished_ = 0;                     // segments
  bool closed_ = false;
};

}  // namespace understudy
