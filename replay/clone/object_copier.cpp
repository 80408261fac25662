#include "replay/clone/object_copier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "replay/clone/stop_pause.hpp"
#include "traffic/base/check.hpp"

namespace understudy {
namespace {

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;
constexpr std::string_view tagging_header = "x-amz-tagging";
constexpr std::uint64_t compare_size = 8 * mebibyte;
// Through this machine: what is held of one object.
constexpr std::uint64_t through_part_size = 16 * mebibyte;

[[nodiscard]] std::uint64_t divide_up(std::uint64_t number, std::uint64_t by) { return (number + by - 1) / by; }

[[nodiscard]] tl::unexpected<S3Error> stopped() {
  return tl::unexpected(S3Error{0, "", {ExitCode::aborted, "stopped"}});
}

}  // namespace

std::uint64_t likely_part_size(std::uint64_t size, std::uint64_t parts) {
  CHECK(parts > 0);
  if (parts == 1 || size < parts) return std::max<std::uint64_t>(size, 1);
  const std::uint64_t low = divide_up(size, parts);
  const std::uint64_t high = (size - 1) / (parts - 1);
  // What rclone, the AWS tools, s3cmd, MinIO's and others choose by themselves.
  constexpr std::array<std::uint64_t, 10> common = {8, 5, 15, 16, 10, 64, 128, 100, 50, 32};
  for (const std::uint64_t mebibytes : common) {
    const std::uint64_t part = mebibytes * mebibyte;
    if (part >= low && part <= high) return part;
  }
  for (std::uint64_t unit = std::uint64_t{1} << 30U; unit > 1; unit /= 2) {
    const std::uint64_t part = divide_up(low, unit) * unit;
    if (part <= high) return part;
  }
  return low;
}

ObjectCopier::ObjectCopier(const S3Side& source, const S3Side& destination, Pause& pause, std::stop_token stop)
    : source_side_(source),
      destination_side_(destination),
      same_store_(is_same_store(source, destination)),
      stop_(std::move(stop)),
      from_(source.store, pause, stop_),
      to_(destination.store, pause, stop_) {}

S3Result<std::string> ObjectCopier::copy(const S3Object& object, const std::string& destination_key) {
  if (!same_store_) return copy_through(object, destination_key);
  const bool in_parts = object.size > plain_copy_max || (parts_of_etag(object.etag) && object.size > 0);
  auto copied = in_parts ? copy_in_parts(object, destination_key) : copy_whole(object, destination_key);
  if (copied || !is_missing(copied.error())) return copied;
  // Some stores (s3rver) read the name of a copy's source in a way of their own, and then miss objects that are there.
  const auto head = from_.head({source_side_.bucket, object.key});
  if (!head) return tl::unexpected(head.error());
  return copy_through(object, destination_key);
}

S3Result<std::string> ObjectCopier::copy_whole(const S3Object& object, const std::string& destination_key) {
  return to_.copy({source_side_.bucket, object.key}, {destination_side_.bucket, destination_key}, object.etag);
}

S3Result<S3Headers> ObjectCopier::headers_of(const S3Object& object) {
  const S3Place place{source_side_.bucket, object.key};
  auto head = from_.head(place);
  if (!head) return tl::unexpected(head.error());
  const auto tags = from_.tags(place);
  // Stores without tags, and objects without any, say so with an error of theirs.
  if (!tags && tags.error().status != 404 && tags.error().status != 501) return tl::unexpected(tags.error());
  if (tags && !tags->empty()) head->kept.emplace_back(tagging_header, *tags);
  return std::move(head->kept);
}

S3Result<std::uint64_t> ObjectCopier::part_size_of(const S3Object& object) {
  const std::uint64_t parts = parts_of_etag(object.etag).value_or(divide_up(object.size, plain_copy_max / 10));
  const auto first = from_.head({source_side_.bucket, object.key}, 1);
  // A store that knows parts tells their number, and the size of the first.
  if (first && first->part_count == parts && first->size > 0 && first->size < object.size &&
      divide_up(object.size, first->size) == parts) {
    return first->size;
  }
  if (!first && first.error().status == 0) return tl::unexpected(first.error());
  const std::uint64_t part = likely_part_size(object.size, parts);
  return std::clamp<std::uint64_t>(part, divide_up(object.size, parts_max), plain_copy_max);
}

S3Result<std::string> ObjectCopier::copy_in_parts(const S3Object& object, const std::string& destination_key) {
  const auto headers = headers_of(object);
  if (!headers) return tl::unexpected(headers.error());
  const auto part_size = part_size_of(object);
  if (!part_size) return tl::unexpected(part_size.error());
  return upload(object, destination_key, *headers, *part_size);
}

S3Result<std::string> ObjectCopier::copy_through(const S3Object& object, const std::string& destination_key) {
  const auto headers = headers_of(object);
  if (!headers) return tl::unexpected(headers.error());
  std::uint64_t part_size = through_part_size;
  if (parts_of_etag(object.etag) && object.size > 0) {
    const auto likely = part_size_of(object);
    if (!likely) return tl::unexpected(likely.error());
    if (*likely <= S3Client::body_size_max) return upload(object, destination_key, *headers, *likely);
  } else if (object.size <= through_part_size) {
    const auto body = from_.get({source_side_.bucket, object.key}, 0, object.size, object.etag);
    if (!body) return tl::unexpected(body.error());
    return to_.put({destination_side_.bucket, destination_key}, *body, *headers);
  }
  part_size = std::max(part_size, divide_up(object.size, parts_max));
  if (part_size > S3Client::body_size_max) {
    return tl::unexpected(
        S3Error{0,
                "",
                {ExitCode::clone_failed,
                 fmt::format("the object is too large to go through this machine: {} bytes", object.size)}});
  }
  return upload(object, destination_key, *headers, part_size);
}

S3Result<std::string> ObjectCopier::upload(const S3Object& object, const std::string& destination_key,
                                           const S3Headers& headers, std::uint64_t part_size) {
  const S3Place to{destination_side_.bucket, destination_key};
  const auto id = to_.begin_upload(to, headers);
  if (!id) return tl::unexpected(id.error());
  const auto etags = upload_parts(object, destination_key, *id, part_size);
  if (etags) {
    auto ended = to_.end_upload(to, *id, *etags);
    if (!ended) {
      (void)to_.abort_upload(to, *id);
      return ended;
    }
    const auto kept = keep_tags(to, headers);
    if (!kept) return tl::unexpected(kept.error());
    return ended;
  }
  // Parts that nobody ends are stored, and paid for, for ever. The client itself has been told to stop, perhaps.
  StopPause pause{std::stop_token()};
  (void)S3Client(destination_side_.store, pause, std::stop_token()).abort_upload(to, *id);
  return tl::unexpected(etags.error());
}

// Some stores pass over the tags of an upload in parts.
S3Result<void> ObjectCopier::keep_tags(const S3Place& place, const S3Headers& headers) {
  const auto wanted = std::ranges::find(headers, tagging_header, &S3Headers::value_type::first);
  if (wanted == headers.end()) return {};
  const auto there = to_.tags(place);
  if (there && *there == wanted->second) return {};
  return to_.put_tags(place, wanted->second);
}

S3Result<std::vector<std::string>> ObjectCopier::upload_parts(const S3Object& object,
                                                              const std::string& destination_key,
                                                              const std::string& upload, std::uint64_t part_size) {
  const S3Place from{source_side_.bucket, object.key};
  const S3Place to{destination_side_.bucket, destination_key};
  std::vector<std::string> etags;
  for (std::uint64_t offset = 0; offset < object.size; offset += part_size) {
    if (stop_.stop_requested()) return stopped();
    const std::uint64_t size = std::min(part_size, object.size - offset);
    const auto part = static_cast<unsigned>(etags.size() + 1);
    S3Result<std::string> etag;
    if (same_store_) {
      etag = to_.copy_part(from, to, upload, part, offset, size, object.etag);
    } else {
      const auto body = from_.get(from, offset, size, object.etag);
      if (!body) return tl::unexpected(body.error());
      etag = to_.upload_part(to, upload, part, *body);
    }
    if (!etag) return tl::unexpected(etag.error());
    etags.push_back(std::move(*etag));
  }
  return etags;
}

S3Result<ContentCheck> ObjectCopier::compare_checksums(const S3Object& object, const std::string& destination_key) {
  const auto from = from_.head({source_side_.bucket, object.key}, 0, true);
  if (!from) return tl::unexpected(from.error());
  const auto to = to_.head({destination_side_.bucket, destination_key}, 0, true);
  if (!to) return tl::unexpected(to.error());
  if (from->size != to->size) return ContentCheck::different;
  if (!from->checksum.empty() && from->checksum_name == to->checksum_name) {
    return from->checksum == to->checksum ? ContentCheck::equal : ContentCheck::different;
  }
  // Two ETags of one part each are MD5 of the content, unless a key service had its hand in them.
  const bool comparable =
      !parts_of_etag(from->etag) && !parts_of_etag(to->etag) && !from->kms_encrypted && !to->kms_encrypted;
  if (from->etag != to->etag && comparable) return ContentCheck::different;
  return ContentCheck::unknown;
}

S3Result<ContentCheck> ObjectCopier::compare_content(const S3Object& object, const std::string& destination_key) {
  const auto known = compare_checksums(object, destination_key);
  if (!known || *known != ContentCheck::unknown) return known;
  for (std::uint64_t offset = 0; offset < object.size; offset += compare_size) {
    if (stop_.stop_requested()) return stopped();
    const std::uint64_t size = std::min(compare_size, object.size - offset);
    const auto from = from_.get({source_side_.bucket, object.key}, offset, size, object.etag);
    if (!from) return tl::unexpected(from.error());
    const auto to = to_.get({destination_side_.bucket, destination_key}, offset, size, "");
    if (!to) return tl::unexpected(to.error());
    if (*from != *to) return ContentCheck::different;
  }
  return ContentCheck::equal;
}

}  // namespace understudy
