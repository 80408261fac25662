// The documents of a bucket clone, as values and as JSON: the story's members, and what a resume needs beside them.
//
// The readers tolerate members that they do not know. ExitCode::clone_failed for what cannot be read. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "replay/clone/clone_job.hpp"
#include "replay/clone/key_range.hpp"
#include "replay/environment/clone_payloads.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// The names that every document of one clone carries.
struct CloneNames {
  std::string id, source, destination;  // of the clone and of the two buckets
};

struct SegmentRequest {
  std::uint64_t number = 0;  // from 1
  KeyRange range;
  std::uint64_t objects = 0, bytes = 0;  // when it was listed
  std::uint64_t listing_range = 0;       // which range of the listing it is cut from
  bool ends_listing_range = false;       // the last segment of that range

  friend bool operator==(const SegmentRequest&, const SegmentRequest&) = default;
};

struct SegmentResponse {
  std::uint64_t number = 0;
  std::string prefix;
  std::vector<std::string> files;       // keys of the source that were copied
  std::uint64_t bytes = 0;              // of those
  std::uint64_t skipped = 0;            // were in the destination already
  std::uint64_t skipped_different = 0;  // of those: with another size
  std::uint64_t gone = 0;               // had left the source since it was listed
  std::uint64_t verified_by_content = 0, verified_by_etag = 0, verified_by_size = 0;
  std::string worker;

  friend bool operator==(const SegmentResponse&, const SegmentResponse&) = default;
};

// How far the listing is.
struct ListingDocument {
  bool complete = false;
  std::vector<KeyRange> ranges;  // listed side by side
};

// "clone-request": the whole request goes along, without Workers, which are the machine's own affair.
[[nodiscard]] Result<std::string> clone_request_document(const CloneRequest& request);
[[nodiscard]] Result<CloneRequest> read_clone_request_document(std::string_view text);

[[nodiscard]] std::string to_json(const SegmentRequest& request, const CloneNames& names);
[[nodiscard]] std::string to_json(const SegmentResponse& response, const CloneNames& names);
[[nodiscard]] std::string to_json(const ListingDocument& listing, const CloneNames& names);
[[nodiscard]] Result<SegmentRequest> read_segment_request(std::string_view text);
[[nodiscard]] Result<SegmentResponse> read_segment_response(std::string_view text);
[[nodiscard]] Result<ListingDocument> read_listing(std::string_view text);

[[nodiscard]] std::string listing_key(std::string_view id);
// Says who works on a segment.
[[nodiscard]] std::string segment_claim_key(std::string_view id, std::uint64_t segment);
// "<id>/segments/".
[[nodiscard]] std::string segments_prefix(std::string_view id);

enum class SegmentDocument : std::uint8_t { claim, request, response, other };
struct SegmentKey {
  std::uint64_t number = 0;
  SegmentDocument document = SegmentDocument::other;
};
// What a key below segments_prefix() is.
[[nodiscard]] SegmentKey parse_segment_key(std::string_view key);

}  // namespace understudy
