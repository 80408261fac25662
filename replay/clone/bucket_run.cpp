#include "replay/clone/bucket_run.hpp"

#include <fmt/format.h>

#include "replay/clone/worker_name.hpp"
#include "traffic/base/json_text.hpp"

namespace understudy {
namespace {

// Segments that wait, each with the objects of one: a few MiB.
constexpr std::size_t waiting_segments_max = 64;

}  // namespace

BucketRun::BucketRun(const CloneRequest& clone_request, const CloneContext& clone_context, S3Side from, S3Side to,
                     const std::stop_token& outer)
    : request(clone_request),
      context(clone_context),
      documents(clone_context.documents),
      progress(clone_context.progress),
      source(std::move(from)),
      destination(std::move(to)),
      destination_key{source.prefix, destination.prefix},
      names{request.id, source.bucket, destination.bucket},
      worker(worker_name()),
      workers(request.options.workers.value_or(workers_default)),
      on_existing(request.options.on_existing.value_or(CloneOnExisting::skip)),
      verify(request.options.verify.value_or(CloneVerify::etag)),
      pause(source_of_stop.get_token()),
      queue(workers, waiting_segments_max),
      on_outer_stop_(outer, [this] { source_of_stop.request_stop(); }) {}

void BucketRun::fail_all(const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = error;
  }
  source_of_stop.request_stop();
}

std::optional<Error> BucketRun::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void BucketRun::fail_object(const std::string& key, const Error& error) {
  if (error.code == ExitCode::aborted) return;  // it was not tried to its end
  std::string text;
  append_printable(text, key);
  progress.add_error(fmt::format("{}: {}", text, error.message));
  progress.update([](CloneState& state) { ++state.objects.failed; });
  if (++failed_objects_ == failed_objects_max) {
    fail_all(
        {ExitCode::clone_failed, fmt::format("{} objects could not be copied, so the rest is not tried; the last: {}",
                                             failed_objects_max, error.message)});
  }
}

}  // namespace understudy
