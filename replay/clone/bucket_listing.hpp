// Lists a bucket from several places at once and cuts it into segments, each written down as a request before it is
// handed on.
//
// Where to begin side by side is found by listing the prefixes of one level ("a/", "b/", ...). Each of the ranges
// between is listed page by page; a segment ends after so many objects or bytes. The pages of a range are held one at a
// time.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "replay/clone/bucket_run.hpp"

namespace understudy {

class BucketListing {
 public:
  // Lists side by side: one for so many workers. A page takes a store little longer than a few copies, and names a
  // thousand; stores that read the whole bucket for each list (s3rver) pay for more than are needed.
  static constexpr std::size_t workers_a_lister = 8;
  static constexpr std::size_t listers_max = 8;
  // More than one, since ranges are not alike.
  static constexpr std::size_t ranges_a_lister = 2;
  // A clone that names no SegmentMaxObjects has segments of segment_objects_max from here on: 5 million objects.
  static constexpr std::uint64_t small_segments_max = 100'000;

  // The run outlives the listing.
  explicit BucketListing(BucketRun& run) : run_(run) {}

  // Lists to the end on threads of its own, pushing each segment into the run's queue; goes on where an earlier run of
  // this clone ended. Errors end the run (BucketRun::fail_all).
  void list();

 private:
  struct Range {
    KeyRange range;  // what is left to list
    bool done = false;
  };

  [[nodiscard]] Result<void> plan();
  [[nodiscard]] S3Result<std::vector<std::string>> find_boundaries();
  // Leaves out what the segments that are there already cover.
  [[nodiscard]] Result<void> resume();
  void list_ranges();
  [[nodiscard]] bool list_one(S3Client& client, std::uint64_t index);
  [[nodiscard]] bool emit(std::uint64_t index, std::vector<S3Object>& objects, bool ends);
  [[nodiscard]] std::uint64_t objects_max() const;
  [[nodiscard]] std::size_t lister_count() const;

  BucketRun& run_;
  ListingDocument document_;
  std::vector<Range> ranges_;
  std::atomic<std::uint64_t> next_range_{0};
  std::atomic<std::uint64_t> next_number_{1};
};

}  // namespace understudy
