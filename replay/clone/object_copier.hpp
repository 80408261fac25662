// Copies one object from a bucket to another, with all that belongs to it: metadata, content headers, tags.
//
//   same store   CopyObject; beyond 5 GiB, and where the source was uploaded in parts, UploadPartCopy with the source's
//                part sizes, so that the copy gets the ETag of the source
//                A store that does not find the source by its name, though it is there, is served as two stores are.
//   two stores   through this machine: GetObject and PutObject, in parts where the object is large
//
// Thread safety: one copier, one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "replay/clone/s3_side.hpp"
#include "replay/environment/pause.hpp"
#include "replay/store/s3_client.hpp"

namespace understudy {

enum class ContentCheck : std::uint8_t { equal, different, unknown };

// The sizes of an object's parts, of which only the last may be smaller, where neither is known but the number: that of
// the common tools which fits, else the roundest. Nothing when no size fits. REQUIRES: parts > 0.
[[nodiscard]] std::uint64_t likely_part_size(std::uint64_t size, std::uint64_t parts);

class ObjectCopier {
 public:
  // Of one CopyObject, and of one part.
  static constexpr std::uint64_t plain_copy_max = std::uint64_t{5} << 30U;
  static constexpr std::uint64_t parts_max = 10'000;

  // All outlive the copier.
  ObjectCopier(const S3Side& source, const S3Side& destination, Pause& pause, std::stop_token stop);

  // The ETag that the destination gave the copy, which may be empty. is_missing(): the object has left the source. 412:
  // it has changed since it was listed.
  [[nodiscard]] S3Result<std::string> copy(const S3Object& object, const std::string& destination_key);

  // By the checksums that the stores keep, where both keep the same of the whole object; nothing is read.
  [[nodiscard]] S3Result<ContentCheck> compare_checksums(const S3Object& object, const std::string& destination_key);
  // The same, and else by reading both, 8 MiB at a time.
  [[nodiscard]] S3Result<ContentCheck> compare_content(const S3Object& object, const std::string& destination_key);

  [[nodiscard]] S3Client& source() { return from_; }
  [[nodiscard]] S3Client& destination() { return to_; }

 private:
  [[nodiscard]] S3Result<std::string> copy_whole(const S3Object& object, const std::string& destination_key);
  [[nodiscard]] S3Result<std::string> copy_in_parts(const S3Object& object, const std::string& destination_key);
  [[nodiscard]] S3Result<std::string> copy_through(const S3Object& object, const std::string& destination_key);
  [[nodiscard]] S3Result<std::string> upload(const S3Object& object, const std::string& destination_key,
                                             const S3Headers& headers, std::uint64_t part_size);
  [[nodiscard]] S3Result<std::vector<std::string>> upload_parts(const S3Object& object,
                                                                const std::string& destination_key,
                                                                const std::string& upload, std::uint64_t part_size);
  [[nodiscard]] S3Result<void> keep_tags(const S3Place& place, const S3Headers& headers);
  [[nodiscard]] S3Result<std::uint64_t> part_size_of(const S3Object& object);
  // What CopyObject keeps by itself: the source's headers, and its tags.
  [[nodiscard]] S3Result<S3Headers> headers_of(const S3Object& object);

  const S3Side& source_side_;
  const S3Side& destination_side_;
  bool same_store_;
  std::stop_token stop_;
  S3Client from_;
  S3Client to_;
};

}  // namespace understudy
