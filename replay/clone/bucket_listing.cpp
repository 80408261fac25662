#include "replay/clone/bucket_listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>

#include "replay/clone/segment_worker.hpp"
#include "traffic/base/json_text.hpp"

namespace understudy {
namespace {

constexpr unsigned page_size = 1000;
// How far down a bucket is looked at whose keys all begin alike.
constexpr int levels_max = 16;

}  // namespace

std::uint64_t BucketListing::objects_max() const {
  const auto given = run_.request.options.segment_max_objects;
  if (given) return *given;
  return next_number_ > small_segments_max ? BucketRun::segment_objects_max : BucketRun::segment_objects_default;
}

std::size_t BucketListing::lister_count() const {
  return std::clamp<std::size_t>(run_.workers / workers_a_lister, 1, listers_max);
}

void BucketListing::list() {
  auto planned = plan();
  if (planned) planned = resume();
  if (!planned) {
    run_.fail_all(planned.error());
    return;
  }
  {
    std::vector<std::jthread> listers;
    const std::size_t count = std::min(lister_count(), ranges_.size());
    for (std::size_t i = 0; i < count; ++i) listers.emplace_back([this] { list_ranges(); });
  }
  if (run_.stop().stop_requested()) return;
  document_.complete = true;
  const auto written = run_.documents.write(listing_key(run_.request.id), to_json(document_, run_.names));
  if (!written) run_.fail_all(written.error());
  run_.progress.update([](CloneState& state) { state.listing_complete = true; });
}

Result<void> BucketListing::plan() {
  const auto text = run_.documents.read(listing_key(run_.request.id));
  if (!text) return tl::unexpected(text.error());
  if (*text) {
    auto read = read_listing(**text);
    if (!read) return tl::unexpected(read.error());
    document_ = std::move(*read);
    return {};
  }
  const auto boundaries = find_boundaries();
  if (!boundaries) return tl::unexpected(boundaries.error().error);
  document_.ranges = split({run_.source.prefix, "", ""}, *boundaries, ranges_a_lister * lister_count());
  return run_.documents.write(listing_key(run_.request.id), to_json(document_, run_.names));
}

S3Result<std::vector<std::string>> BucketListing::find_boundaries() {
  S3Client client(run_.source.store, run_.pause, run_.stop());
  S3ListQuery query{run_.source.prefix, "", "/", page_size};
  std::vector<std::string> boundaries;
  for (int level = 0; level < levels_max; ++level) {
    auto page = client.list(run_.source.bucket, query);
    if (!page) return tl::unexpected(page.error());
    boundaries = std::move(page->prefixes);
    if (boundaries.size() != 1 || !page->objects.empty()) break;
    query.prefix = boundaries.front();
  }
  std::ranges::sort(boundaries);
  return boundaries;
}

Result<void> BucketListing::resume() {
  for (const KeyRange& range : document_.ranges) ranges_.push_back({range, false});
  next_number_ = run_.book.highest() + 1;
  std::vector<bool> seen(ranges_.size(), false);
  std::size_t unseen = ranges_.size();
  // Each range is listed in order, so that its last segment says how far it came.
  for (std::uint64_t number = run_.book.highest(); number > 0 && unseen > 0; --number) {
    if (!run_.book.has(number, SegmentBook::requested)) continue;
    const auto text = run_.documents.read(segment_request_key(run_.request.id, number));
    if (!text) return tl::unexpected(text.error());
    const auto request =
        *text ? read_segment_request(**text) : fail(ExitCode::clone_failed, "a segment-request has gone");
    if (!request) return tl::unexpected(request.error());
    const std::uint64_t index = request->listing_range;
    if (index >= ranges_.size()) return fail(ExitCode::clone_failed, "a segment-request is of another listing");
    if (seen[index]) continue;
    seen[index] = true;
    --unseen;
    ranges_[index].range.start_after = request->range.end_at;
    ranges_[index].done = request->ends_listing_range;
  }
  return {};
}

void BucketListing::list_ranges() {
  S3Client client(run_.source.store, run_.pause, run_.stop());
  while (!run_.stop().stop_requested()) {
    const std::uint64_t index = next_range_++;
    if (index >= ranges_.size()) return;
    if (!ranges_[index].done && !list_one(client, index)) return;
  }
}

bool BucketListing::list_one(S3Client& client, std::uint64_t index) {
  std::vector<S3Object> objects;
  std::uint64_t bytes = 0;
  const std::uint64_t bytes_max = run_.request.options.segment_max_bytes.value_or(0);
  bool good = true;
  const auto listed = list_range(client, run_.source.bucket, ranges_[index].range, page_size, [&](S3Object&& object) {
    if (!is_utf8(object.key)) {
      run_.fail_all(
          {ExitCode::clone_failed,
           fmt::format("s3://{} has a key that is not UTF-8, which no document can hold", run_.source.bucket)});
      good = false;
      return false;
    }
    if (!objects.empty() && bytes_max > 0 && bytes + object.size > bytes_max) good = emit(index, objects, false);
    if (objects.empty()) bytes = 0;
    bytes += object.size;
    objects.push_back(std::move(object));
    if (good && objects.size() >= objects_max()) good = emit(index, objects, false);
    return good;
  });
  if (!listed) {
    run_.fail_all(listed.error().error);
    return false;
  }
  return good && (objects.empty() || emit(index, objects, true));
}

bool BucketListing::emit(std::uint64_t index, std::vector<S3Object>& objects, bool ends) {
  auto task = std::make_shared<SegmentTask>();
  SegmentRequest& request = task->request;
  KeyRange& rest = ranges_[index].range;
  request.number = next_number_++;
  if (request.number > SegmentBook::segments_max) {
    run_.fail_all({ExitCode::clone_failed, fmt::format("the bucket makes more than {} segments; make them larger with "
                                                       "--segment-objects {}",
                                                       SegmentBook::segments_max, BucketRun::segment_objects_max)});
    return false;
  }
  request.range = {rest.prefix, rest.start_after, objects.back().key};
  request.listing_range = index;
  request.ends_listing_range = ends;
  request.objects = objects.size();
  for (const S3Object& object : objects) request.bytes += object.size;
  rest.start_after = request.range.end_at;
  task->is_listed = true;
  task->objects = std::exchange(objects, {});
  const auto made =
      run_.documents.create(segment_request_key(run_.request.id, request.number), to_json(request, run_.names));
  if (!made || !*made) {
    run_.fail_all(made
                      ? Error{ExitCode::refused, fmt::format("another run lists clone {} at this moment; share it with "
                                                             "--join, or wait for its end",
                                                             run_.request.id)}
                      : made.error());
    return false;
  }
  run_.book.set(request.number, SegmentBook::requested);
  run_.book.set(request.number, SegmentBook::listed);
  run_.book.set(request.number, SegmentBook::ours);
  run_.progress.update([&](CloneState& state) {
    state.objects.listed += request.objects;
    state.bytes.listed += request.bytes;
    ++state.segments.total;
    settle_pending(state);
  });
  return run_.queue.push(std::move(task), run_.stop());
}

}  // namespace understudy
