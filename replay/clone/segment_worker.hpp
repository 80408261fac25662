// One worker of a bucket clone: takes what is next, a segment to prepare or an object to copy, until there is no more.
#pragma once

#include <memory>
#include <unordered_map>

#include "replay/clone/bucket_run.hpp"
#include "replay/clone/object_copier.hpp"

namespace understudy {

// The objects of a range of a bucket, page by page: `take` gets each; false ends it.
[[nodiscard]] S3Result<void> list_range(S3Client& client, std::string_view bucket, const KeyRange& range,
                                        unsigned first_page, const std::function<bool(S3Object&&)>& take);

class SegmentWorker {
 public:
  // The run outlives the worker.
  explicit SegmentWorker(BucketRun& run);

  // Until the queue has no more or the run is stopped. On the worker's own thread.
  void work();

 private:
  using Existing = std::unordered_map<std::string, S3Object>;  // by the key of the source

  void prepare(const std::shared_ptr<SegmentTask>& task);
  // False: it is somebody else's now, or could not be prepared.
  [[nodiscard]] bool make_ready(SegmentTask& task);
  [[nodiscard]] bool list_objects(SegmentTask& task);
  [[nodiscard]] bool check_existing(SegmentTask& task);
  [[nodiscard]] bool claim(SegmentTask& task);
  void count_response(const SegmentTask& task);
  [[nodiscard]] S3Result<Existing> list_existing(const SegmentTask& task);

  void copy(const std::shared_ptr<SegmentTask>& task, std::size_t index);
  [[nodiscard]] S3Result<SegmentQueue::Outcome> copy_object(S3Object& object);
  // Verified and written down, or failed.
  void finish(SegmentTask& task);
  // Lists the destination for the copies whose ETags said nothing.
  [[nodiscard]] bool verify(SegmentTask& task);
  [[nodiscard]] bool verify_object(const S3Object& object, const Existing& existing, SegmentResponse& response);

  BucketRun& run_;
  ObjectCopier copier_;
};

}  // namespace understudy
