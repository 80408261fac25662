// Clones of buckets, behind the seam of clone_job.hpp: the source is listed from several places at once and cut into
// segments, which are ranges of keys; their objects are copied by the store itself where source and destination are one
// store, else through this machine.
//
//   Workers            objects copied at once, 1 to 512; 32 where it is missing
//   SegmentMaxObjects  1 to 1,000; 50 where it is missing (1,000 from the five millionth object on)
//   SegmentMaxBytes    a segment ends before it holds more, unless it is one object
//   OnExisting         skip where it is missing
//   Verify             etag where it is missing: the ETags are equal; else the stores' own checksums; else, for uploads
//   in
//                      parts and encrypted objects, the size alone. size: the size. checksum: checksums of the stores,
//                      else the content of both is read
//
// With CloneContext::join the request is that of the documents, apart from Workers. Whoever works on a segment says so
// by a claim; a claim without a response for steal_after is taken over. Work that is done twice is done right twice.
#pragma once

#include "replay/clone/clone_job.hpp"
#include "traffic/base/clock.hpp"

namespace understudy {

struct BucketCloneSettings {
  Nanoseconds steal_after = std::chrono::seconds(60);
  // Between two looks at the documents while others work.
  Nanoseconds poll_interval = std::chrono::seconds(1);
  // Nobody writes a document for so long: whoever listed the bucket has ended. Only with join.
  Nanoseconds stall_max = std::chrono::minutes(10);
};

[[nodiscard]] CloneRunner bucket_clone(BucketCloneSettings settings = {});

}  // namespace understudy
