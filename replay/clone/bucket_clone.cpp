#include "replay/clone/bucket_clone.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "replay/clone/bucket_listing.hpp"
#include "replay/clone/bucket_run.hpp"
#include "replay/clone/segment_worker.hpp"

namespace understudy {
namespace {

[[nodiscard]] Result<void> check_options(const CloneOptions& options) {
  const auto within = [](const std::optional<std::uint64_t>& value, std::uint64_t max) {
    return !value || (*value >= 1 && *value <= max);
  };
  if (!within(options.workers, BucketRun::workers_max)) {
    return fail(ExitCode::usage, fmt::format("Workers takes a number from 1 to {}", BucketRun::workers_max));
  }
  if (!within(options.segment_max_objects, BucketRun::segment_objects_max)) {
    return fail(ExitCode::usage,
                fmt::format("SegmentMaxObjects takes a number from 1 to {}", BucketRun::segment_objects_max));
  }
  if (options.segment_max_bytes && *options.segment_max_bytes == 0) {
    return fail(ExitCode::usage, "SegmentMaxBytes takes a number from 1 on");
  }
  if (options.method) return fail(ExitCode::usage, "Method is for clones of databases");
  if (!options.after.empty()) return fail(ExitCode::usage, "After is for clones of databases");
  return {};
}

// Writes the clone-request, or finds that it is there and the same. Whether it was there.
[[nodiscard]] Result<bool> settle_request(const CloneRequest& request, DocumentStore& documents) {
  const auto document = clone_request_document(request);
  if (!document) return tl::unexpected(document.error());
  const std::string key = clone_request_key(request.id);
  const auto there = documents.read(key);
  if (!there) return tl::unexpected(there.error());
  if (!*there) {
    if (auto written = documents.write(key, *document); !written) return tl::unexpected(written.error());
    return false;
  }
  if (**there == *document) return true;
  return fail(ExitCode::refused, fmt::format("{} has another clone with the Id {}; choose another Id, or give the same "
                                             "source, destination and options to go on with it",
                                             documents.display(), request.id));
}

class BucketClone {
 public:
  BucketClone(BucketRun& run, const BucketCloneSettings& settings, bool there_before)
      : run_(run), settings_(settings), there_before_(there_before), join_(run.context.join) {}

  [[nodiscard]] Result<CloneManifest> clone() {
    run_.progress.set_status(CloneStatus::listing);
    if (auto checked = check_places(); !checked) return tl::unexpected(checked.error());
    {
      std::vector<std::jthread> workers;
      for (std::uint64_t i = 0; i < run_.workers; ++i) {
        workers.emplace_back([this] { SegmentWorker(run_).work(); });
      }
      drive();
      run_.queue.close();
    }
    if (const auto failure = run_.failure()) return tl::unexpected(*failure);
    if (run_.stop().stop_requested()) return fail(ExitCode::aborted, "the clone was stopped");
    return conclude();
  }

 private:
  // A wrong key or bucket is told before anything is begun.
  [[nodiscard]] Result<void> check_places() {
    S3Client source(run_.source.store, run_.pause, run_.stop());
    S3Client destination(run_.destination.store, run_.pause, run_.stop());
    const auto listed = source.list(run_.source.bucket, {run_.source.prefix, "", "", 1});
    if (!listed) return tl::unexpected(listed.error().error);
    const auto there = destination.list(run_.destination.bucket, {run_.destination.prefix, "", "", 1});
    if (!there) return tl::unexpected(there.error().error);
    run_.destination_is_empty = !there_before_ && !join_ && there->objects.empty();
    return {};
  }

  // Lists, and sees to it that every segment is done by somebody.
  void drive() {
    if (!scan()) return;
    // This machine's own claims of an earlier run, and those of whoever worked with it: nobody can tell which are
    // alive. A segment that is copied twice is copied right.
    if (!join_ && !push_all(SegmentBook::requested, SegmentBook::responded, true)) return;
    if (!join_ && !is_listed()) BucketListing(run_).list();
    if (run_.stop().stop_requested()) return;
    while (!run_.stop().stop_requested()) {
      run_.queue.wait_until_idle(run_.stop());
      if (run_.stop().stop_requested() || !scan()) return;
      if (!push_all(SegmentBook::responded, SegmentBook::counted, false)) return;
      constexpr unsigned not_open = SegmentBook::responded | SegmentBook::failed | SegmentBook::ours;
      if (!push_all(SegmentBook::requested, not_open | SegmentBook::claimed, false)) return;
      if (!push_overdue()) return;
      run_.queue.wait_until_idle(run_.stop());
      const bool open = run_.book.count(SegmentBook::requested, SegmentBook::responded | SegmentBook::failed) > 0;
      if (is_listed() && !open && run_.book.count(SegmentBook::responded, SegmentBook::counted) == 0) return;
      if (is_stalled() || !run_.pause.wait(settings_.poll_interval)) return;
    }
  }

  [[nodiscard]] bool scan() {
    const auto scanned = run_.book.scan(run_.documents, run_.request.id);
    if (!scanned) run_.fail_all(scanned.error());
    const std::uint64_t total = run_.book.count(SegmentBook::requested, 0);
    run_.progress.update([&](CloneState& state) {
      state.segments.total = total;
      settle_pending(state);
    });
    return scanned.has_value();
  }

  // The highest numbers first where others work from the lowest on.
  [[nodiscard]] bool push_all(unsigned with, unsigned without, bool takes_over) {
    std::vector<std::uint64_t> numbers = run_.book.find(with, without);
    if (join_) std::ranges::reverse(numbers);
    return std::ranges::all_of(numbers, [&](std::uint64_t number) { return push(number, takes_over); });
  }

  [[nodiscard]] bool push(std::uint64_t number, bool takes_over) {
    auto task = std::make_shared<SegmentTask>();
    task->request.number = number;
    task->only_counts = run_.book.has(number, SegmentBook::responded);
    task->takes_over = takes_over && run_.book.has(number, SegmentBook::claimed);
    if (!task->only_counts) run_.book.set(number, SegmentBook::ours);
    return run_.queue.push(std::move(task), run_.stop());
  }

  // Claims that have been seen for long enough without a response.
  [[nodiscard]] bool push_overdue() {
    const MonotonicTime now = run_.context.clock.monotonic_now();
    const auto waiting = run_.book.find(SegmentBook::requested | SegmentBook::claimed,
                                        SegmentBook::responded | SegmentBook::failed | SegmentBook::ours);
    std::erase_if(seen_at_, [&](const auto& entry) { return !std::ranges::binary_search(waiting, entry.first); });
    for (const std::uint64_t number : waiting) {
      const MonotonicTime since = seen_at_.try_emplace(number, now).first->second;
      if (now - since >= settings_.steal_after && !push(number, true)) return false;
    }
    return true;
  }

  [[nodiscard]] bool is_listed() {
    if (listed_) return true;
    const auto text = run_.documents.read(listing_key(run_.request.id));
    if (!text) run_.fail_all(text.error());
    if (!text || !*text) return false;
    const auto listing = read_listing(**text);
    listed_ = listing && listing->complete;
    if (listed_) run_.progress.update([](CloneState& state) { state.listing_complete = true; });
    return listed_;
  }

  // Nobody has done anything for long: whoever lists has ended.
  [[nodiscard]] bool is_stalled() {
    const MonotonicTime now = run_.context.clock.monotonic_now();
    const std::uint64_t seen =
        run_.book.count(SegmentBook::requested, 0) * 2 + run_.book.count(SegmentBook::responded, 0);
    if (!last_change_ || seen != last_seen_) last_change_ = now;
    last_seen_ = seen;
    if (now - *last_change_ < std::max(settings_.stall_max, 2 * settings_.steal_after)) return false;
    run_.fail_all(
        {ExitCode::clone_failed, fmt::format("nobody has gone on with clone {} for long; run the command that "
                                             "began it again with --id {}",
                                             run_.request.id, run_.request.id)});
    return true;
  }

  [[nodiscard]] Result<CloneManifest> conclude() {
    run_.progress.set_status(CloneStatus::verifying);
    const std::uint64_t failed = run_.progress.state().objects.failed;
    const auto open = run_.book.find(SegmentBook::requested, SegmentBook::responded);
    if (!open.empty()) {
      const auto errors = run_.progress.state().errors;
      return fail(ExitCode::clone_failed,
                  fmt::format("{} objects in {} segments could not be copied; the first: {}", failed, open.size(),
                              errors.empty() ? "see the segments without a response" : errors.front()));
    }
    CloneManifest manifest{run_.request.id, run_.names.source, run_.names.destination, 0, {}};
    for (const std::uint64_t number : run_.book.find(SegmentBook::responded, 0)) {
      manifest.segment_keys.push_back(segment_response_key(run_.request.id, number));
    }
    manifest.segment_count = manifest.segment_keys.size();
    const auto written = run_.documents.write(clone_response_key(run_.request.id), to_json(manifest));
    if (!written) return tl::unexpected(written.error());
    add_notes();
    return manifest;
  }

  // What a clone that succeeded leaves to be known.
  void add_notes() {
    if (const std::uint64_t count = run_.skipped_different; count > 0) {
      run_.progress.add_error(
          fmt::format("note: {} objects were in the destination already, with another size than the "
                      "source's, and were left as they are",
                      count));
    }
    if (const std::uint64_t count = run_.gone; count > 0) {
      run_.progress.add_error(
          fmt::format("note: {} of the listed objects had left the source before they were copied; the "
                      "segments' responses count them (gone)",
                      count));
    }
    if (const std::uint64_t count = run_.verified_by_size; count > 0 && run_.verify == CloneVerify::etag) {
      run_.progress.add_error(
          fmt::format("note: of {} copies only the size could be verified, since their ETags say "
                      "nothing of their content; Verify checksum compares that",
                      count));
    }
  }

  BucketRun& run_;
  const BucketCloneSettings& settings_;
  const bool there_before_;
  const bool join_;
  bool listed_ = false;
  std::map<std::uint64_t, MonotonicTime> seen_at_;  // claims of others
  std::optional<MonotonicTime> last_change_;
  std::uint64_t last_seen_ = 0;
};

[[nodiscard]] Result<CloneManifest> run_bucket_clone(const BucketCloneSettings& settings, const CloneRequest& given,
                                                     const CloneContext& context, const std::stop_token& stop) {
  CloneRequest request = given;
  if (context.join) {
    const auto text = context.documents.read(clone_request_key(given.id));
    if (!text) return tl::unexpected(text.error());
    if (!*text) {
      return fail(ExitCode::usage,
                  fmt::format("{} has no clone with the Id {} to share", context.documents.display(), given.id));
    }
    auto read = read_clone_request_document(**text);
    if (!read) return tl::unexpected(read.error());
    request = std::move(*read);
    request.options.workers = given.options.workers;
  }
  if (request.source.kind != CloneKind::s3 || request.destination.kind != CloneKind::s3) {
    return fail(ExitCode::usage, fmt::format("the clone {} is not of buckets", request.id));
  }
  if (auto checked = check_options(request.options); !checked) return tl::unexpected(checked.error());
  auto source = open_s3_side(request.source, context.access, context.clock);
  if (!source) return tl::unexpected(source.error());
  auto destination = open_s3_side(request.destination, context.access, context.clock);
  if (!destination) return tl::unexpected(destination.error());
  if (auto apart = check_apart(*source, *destination); !apart) return tl::unexpected(apart.error());
  const auto there = settle_request(request, context.documents);
  if (!there) return tl::unexpected(there.error());
  BucketRun run(request, context, std::move(*source), std::move(*destination), stop);
  return BucketClone(run, settings, *there).clone();
}

}  // namespace

CloneRunner bucket_clone(BucketCloneSettings settings) {
  return [settings](const CloneRequest& request, const CloneContext& context,
                    std::stop_token stop) -> Result<CloneManifest> {
    auto manifest = run_bucket_clone(settings, request, context, stop);
    if (!manifest && stop.stop_requested()) manifest.error().code = ExitCode::aborted;
    if (!manifest) context.progress.add_error(manifest.error().message);
    context.progress.set_status(manifest                ? CloneStatus::succeeded
                                : stop.stop_requested() ? CloneStatus::cancelled
                                                        : CloneStatus::failed);
    return manifest;
  };
}

}  // namespace understudy
