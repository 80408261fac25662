// What the threads of one bucket clone share.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "replay/clone/clone_job.hpp"
#include "replay/clone/key_range.hpp"
#include "replay/clone/s3_side.hpp"
#include "replay/clone/segment_book.hpp"
#include "replay/clone/segment_documents.hpp"
#include "replay/clone/segment_queue.hpp"
#include "replay/clone/stop_pause.hpp"

namespace understudy {

// The number of pending segments follows from the others: called in each change of one of them.
inline void settle_pending(CloneState& state) {
  const std::uint64_t known = state.segments.running + state.segments.succeeded + state.segments.failed;
  state.segments.pending = state.segments.total > known ? state.segments.total - known : 0;
}

struct BucketRun {
  static constexpr std::uint64_t workers_default = 32;
  static constexpr std::uint64_t workers_max = 512;
  static constexpr std::uint64_t segment_objects_default = 50;
  static constexpr std::uint64_t segment_objects_max = 1000;  // what one page of a list holds
  // Beyond it the clone is given up: something is wrong with all of it.
  static constexpr std::uint64_t failed_objects_max = 1000;

  // Stopped by `outer`, and by a fatal error. All references outlive the run.
  BucketRun(const CloneRequest& clone_request, const CloneContext& clone_context, S3Side from, S3Side to,
            const std::stop_token& outer);

  // Ends the run with this error, if it is the first.
  void fail_all(const Error& error);
  [[nodiscard]] std::optional<Error> failure() const;
  // One object could not be copied; the run goes on, unless there are too many.
  void fail_object(const std::string& key, const Error& error);

  [[nodiscard]] std::stop_token stop() const { return source_of_stop.get_token(); }

  const CloneRequest& request;
  const CloneContext& context;
  DocumentStore& documents;
  CloneProgress& progress;
  const S3Side source, destination;
  const KeyMap destination_key;
  const CloneNames names;
  const std::string worker;  // who this is: "host:1234:9f3a6c01"
  const std::uint64_t workers;
  const CloneOnExisting on_existing;
  const CloneVerify verify;
  bool destination_is_empty = false;  // was, when the clone began, and nobody else works on it

  // Told at the end: what the figures of a state do not show.
  std::atomic<std::uint64_t> skipped_different{0}, verified_by_size{0}, gone{0};

  std::stop_source source_of_stop;
  StopPause pause;
  SegmentQueue queue;
  SegmentBook book;

 private:
  std::stop_callback<std::function<void()>> on_outer_stop_;
  mutable std::mutex mutex_;  // guards failure_
  std::optional<Error> failure_;
  std::atomic<std::uint64_t> failed_objects_{0};
};

}  // namespace understudy
