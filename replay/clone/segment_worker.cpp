#include "replay/clone/segment_worker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "traffic/base/json_text.hpp"
#include "traffic/base/time_text.hpp"

namespace understudy {
namespace {

constexpr unsigned page_size = 1000;
// How often an object that changes while it is copied is tried.
constexpr int changes_max = 3;
// Of a segment that is listed again.
constexpr std::size_t grown_objects_max = 100'000;

}  // namespace

S3Result<void> list_range(S3Client& client, std::string_view bucket, const KeyRange& range, unsigned first_page,
                          const std::function<bool(S3Object&&)>& take) {
  S3ListQuery query{range.prefix, range.start_after, "", std::clamp(first_page, 1U, page_size)};
  while (true) {
    auto page = client.list(bucket, query);
    if (!page) return tl::unexpected(page.error());
    std::string last;
    for (S3Object& object : page->objects) {
      if (!range.end_at.empty() && object.key > range.end_at) return {};
      last = object.key;
      if (!take(std::move(object))) return {};
    }
    if (!page->truncated || last == range.end_at) return {};
    if (last <= query.start_after) {
      return tl::unexpected(S3Error{200, "", {ExitCode::clone_failed, "the store's lists are not in order"}});
    }
    query.start_after = std::move(last);
    query.keys_max = page_size;
  }
}

SegmentWorker::SegmentWorker(BucketRun& run) : run_(run), copier_(run.source, run.destination, run.pause, run.stop()) {}

void SegmentWorker::work() {
  while (true) {
    const SegmentQueue::Work work = run_.queue.take(run_.stop());
    switch (work.kind) {
      case SegmentQueue::WorkKind::none: return;
      case SegmentQueue::WorkKind::prepare: prepare(work.task); break;
      case SegmentQueue::WorkKind::copy: copy(work.task, work.index); break;
    }
  }
}

void SegmentWorker::prepare(const std::shared_ptr<SegmentTask>& task) {
  const std::uint64_t running = task->only_counts ? 0 : 1;
  run_.progress.update([&](CloneState& state) {
    if (state.status == CloneStatus::listing) state.status = CloneStatus::copying;
    state.segments.running += running;
    settle_pending(state);
  });
  const bool ready = make_ready(*task);
  if (!ready) task->objects.clear();
  if (run_.queue.open(task)) return;
  if (ready) {
    finish(*task);
    return;
  }
  run_.book.clear(task->request.number, SegmentBook::ours);
  run_.progress.update([&](CloneState& state) {
    state.segments.running -= running;
    settle_pending(state);
  });
  run_.queue.finished();
}

bool SegmentWorker::make_ready(SegmentTask& task) {
  if (task.only_counts) {
    count_response(task);
    return false;
  }
  task.response.number = task.request.number;
  if (!task.is_listed && !list_objects(task)) return false;
  // Whoever takes a segment over finds copies of its predecessor, which are no conflict.
  const bool check = run_.on_existing == CloneOnExisting::skip
                         ? !run_.destination_is_empty || task.takes_over
                         : run_.on_existing == CloneOnExisting::fail && !task.takes_over;
  if (check && !check_existing(task)) return false;
  return claim(task);
}

bool SegmentWorker::list_objects(SegmentTask& task) {
  const std::uint64_t number = task.request.number;
  const auto text = run_.documents.read(segment_request_key(run_.request.id, number));
  if (!text || !*text) {
    run_.fail_all(text ? Error{ExitCode::clone_failed, fmt::format("the request of segment {} has gone", number)}
                       : text.error());
    return false;
  }
  auto request = read_segment_request(**text);
  if (!request || request->number != number || !request->range.prefix.starts_with(run_.source.prefix)) {
    run_.fail_all(request ? Error{ExitCode::clone_failed, fmt::format("the request of segment {} is another's", number)}
                          : request.error());
    return false;
  }
  const KeyRange& range = request->range;
  const auto listed = list_range(copier_.source(), run_.source.bucket, range,
                                 static_cast<unsigned>(std::min<std::uint64_t>(request->objects + 1, page_size)),
                                 [&](S3Object&& object) {
                                   task.objects.push_back(std::move(object));
                                   return task.objects.size() <= grown_objects_max;
                                 });
  if (!listed) {
    run_.fail_all(listed.error().error);
    return false;
  }
  if (task.objects.size() > grown_objects_max) {
    run_.fail_all({ExitCode::clone_failed, fmt::format("segment {} has grown to more than {} objects since it was "
                                                       "listed; begin another clone",
                                                       number, grown_objects_max)});
    return false;
  }
  task.request.range = request->range;
  if (!run_.book.has(number, SegmentBook::listed)) {
    run_.book.set(number, SegmentBook::listed);
    run_.progress.update([&](CloneState& state) {
      state.objects.listed += request->objects;
      state.bytes.listed += request->bytes;
    });
  }
  return true;
}

S3Result<SegmentWorker::Existing> SegmentWorker::list_existing(const SegmentTask& task) {
  Existing existing;
  if (task.objects.empty()) return existing;
  for (const S3Object& object : task.objects) existing.emplace(object.key, S3Object());
  KeyRange range = task.request.range;
  range.end_at = task.objects.back().key;
  const std::size_t from = run_.destination_key.destination_prefix.size();
  const auto listed = list_range(copier_.destination(), run_.destination.bucket, run_.destination_key(range),
                                 static_cast<unsigned>(task.objects.size() + 1), [&](S3Object&& object) {
                                   const auto found = existing.find(run_.source.prefix + object.key.substr(from));
                                   if (found != existing.end()) found->second = std::move(object);
                                   return true;
                                 });
  if (!listed) return tl::unexpected(listed.error());
  std::erase_if(existing, [](const auto& entry) { return entry.second.key.empty(); });
  return existing;
}

bool SegmentWorker::check_existing(SegmentTask& task) {
  const auto existing = list_existing(task);
  if (!existing) {
    run_.fail_all(existing.error().error);
    return false;
  }
  task.skip.assign(task.objects.size(), false);
  if (existing->empty()) return true;
  if (run_.on_existing == CloneOnExisting::fail) {
    run_.fail_all({ExitCode::clone_failed,
                   fmt::format("s3://{} has objects of these names already, such as {}; --on-existing says that this "
                               "fails the clone",
                               run_.destination.bucket, existing->begin()->second.key)});
    return false;
  }
  for (std::size_t i = 0; i < task.objects.size(); ++i) {
    const auto found = existing->find(task.objects[i].key);
    if (found == existing->end()) continue;
    task.skip[i] = true;
    ++task.response.skipped;
    if (found->second.size != task.objects[i].size) ++task.response.skipped_different;
  }
  run_.progress.update([&](CloneState& state) { state.objects.skipped += task.response.skipped; });
  return true;
}

bool SegmentWorker::claim(SegmentTask& task) {
  JsonWriter json;
  std::string now;
  append_rfc3339(now, run_.context.clock.wall_now());
  json.begin_object().member("worker", std::string_view(run_.worker)).member("at", std::string_view(now)).end_object();
  const std::string text = json.take();
  const std::string key = segment_claim_key(run_.request.id, task.request.number);
  Result<bool> mine = true;
  if (task.takes_over) {
    if (auto written = run_.documents.write(key, text); !written) mine = tl::unexpected(written.error());
  } else {
    mine = run_.documents.create(key, text);
  }
  if (!mine) {
    run_.fail_all(mine.error());
    return false;
  }
  run_.book.set(task.request.number, SegmentBook::claimed);
  if (!*mine) {
    run_.progress.update([&](CloneState& state) { state.objects.skipped -= task.response.skipped; });
  }
  return *mine;
}

void SegmentWorker::count_response(const SegmentTask& task) {
  const std::uint64_t number = task.request.number;
  const auto text = run_.documents.read(segment_response_key(run_.request.id, number));
  if (!text) {
    run_.fail_all(text.error());
    return;
  }
  const auto response = *text ? read_segment_response(**text) : fail(ExitCode::clone_failed, "it has gone");
  if (!response || response->number != number) {
    // No response that can be read is none.
    run_.book.clear(number, SegmentBook::responded);
    return;
  }
  run_.book.set(number, SegmentBook::counted);
  run_.skipped_different += response->skipped_different;
  run_.verified_by_size += response->verified_by_size;
  run_.gone += response->gone;
  const bool listed = run_.book.has(number, SegmentBook::listed);
  run_.progress.update([&](CloneState& state) {
    if (!listed) {
      state.objects.listed += response->files.size() + response->skipped + response->gone;
      state.bytes.listed += response->bytes;
    }
    state.objects.copied += response->files.size();
    state.objects.skipped += response->skipped;
    state.bytes.copied += response->bytes;
    ++state.segments.succeeded;
    settle_pending(state);
  });
}

void SegmentWorker::copy(const std::shared_ptr<SegmentTask>& task, std::size_t index) {
  S3Object& object = task->objects[index];
  const auto copied = copy_object(object);
  using Outcome = SegmentQueue::Outcome;
  Outcome outcome = Outcome::failed;
  if (copied) {
    outcome = *copied;
    run_.progress.update([&](CloneState& state) {
      ++state.objects.copied;
      state.bytes.copied += object.size;
    });
  } else {
    outcome = is_missing(copied.error()) ? Outcome::gone : Outcome::failed;
    if (outcome == Outcome::failed) run_.fail_object(object.key, copied.error().error);
  }
  if (run_.queue.done(*task, index, outcome)) finish(*task);
}

S3Result<SegmentQueue::Outcome> SegmentWorker::copy_object(S3Object& object) {
  using Outcome = SegmentQueue::Outcome;
  if (!is_utf8(object.key)) {
    return tl::unexpected(S3Error{0, "", {ExitCode::clone_failed, "its key is not UTF-8"}});
  }
  const std::string to = run_.destination_key(object.key);
  std::string etag;
  for (int changes = 0;; ++changes) {
    auto copied = copier_.copy(object, to);
    if (copied) {
      etag = std::move(*copied);
      break;
    }
    if (copied.error().status != 412 || changes == changes_max) return tl::unexpected(copied.error());
    const auto head = copier_.source().head({run_.source.bucket, object.key});
    if (!head) return tl::unexpected(head.error());
    object.size = head->size;
    object.etag = head->etag;
  }
  // The store says of what it has just written that it is the source's content, and so its size.
  if (run_.verify != CloneVerify::checksum) {
    return !etag.empty() && etag == object.etag ? Outcome::verified : Outcome::copied;
  }
  const auto content = copier_.compare_content(object, to);
  if (!content) return tl::unexpected(content.error());
  if (*content == ContentCheck::equal) return Outcome::copied;
  return tl::unexpected(S3Error{200, "", {ExitCode::clone_failed, "the copy's content is not the source's"}});
}

void SegmentWorker::finish(SegmentTask& task) {
  SegmentResponse& response = task.response;
  response.prefix = task.request.range.prefix;
  response.worker = run_.worker;
  bool good = !task.failed && !run_.stop().stop_requested() && verify(task);
  if (good) {
    for (std::size_t i = 0; i < task.objects.size(); ++i) {
      if (!task.copied[i]) continue;
      response.files.push_back(task.objects[i].key);
      response.bytes += task.objects[i].size;
    }
    const auto written =
        run_.documents.write(segment_response_key(run_.request.id, response.number), to_json(response, run_.names));
    if (!written) run_.fail_all(written.error());
    good = written.has_value();
  }
  if (good) {
    run_.book.set(response.number, SegmentBook::responded);
    run_.book.set(response.number, SegmentBook::counted);
    run_.skipped_different += response.skipped_different;
    run_.verified_by_size += response.verified_by_size;
    run_.gone += response.gone;
  } else {
    run_.book.set(response.number, SegmentBook::failed);
  }
  run_.book.clear(response.number, SegmentBook::ours);
  run_.progress.update([&](CloneState& state) {
    --state.segments.running;
    ++(good ? state.segments.succeeded : state.segments.failed);
    settle_pending(state);
  });
  run_.queue.finished();
}

bool SegmentWorker::verify(SegmentTask& task) {
  if (run_.verify == CloneVerify::checksum) {
    task.response.verified_by_content = static_cast<std::uint64_t>(std::ranges::count(task.copied, true));
    return true;
  }
  if (std::ranges::count(task.unverified, true) == 0) return true;
  const auto existing = list_existing(task);
  if (!existing) {
    run_.fail_all(existing.error().error);
    return false;
  }
  bool good = true;
  for (std::size_t i = 0; i < task.objects.size(); ++i) {
    if (task.unverified[i] && !verify_object(task.objects[i], *existing, task.response)) good = false;
  }
  return good;
}

bool SegmentWorker::verify_object(const S3Object& object, const Existing& existing, SegmentResponse& response) {
  const auto refuse = [&](const std::string& what) {
    run_.fail_object(object.key, {ExitCode::clone_failed, what});
    return false;
  };
  const auto found = existing.find(object.key);
  if (found == existing.end()) return refuse("the copy is not there");
  const S3Object& copy = found->second;
  if (copy.size != object.size) {
    return refuse(fmt::format("the copy has {} bytes, the source {}", copy.size, object.size));
  }
  if (run_.verify == CloneVerify::size) {
    ++response.verified_by_size;
    return true;
  }
  if (!object.etag.empty() && copy.etag == object.etag) {
    ++response.verified_by_etag;
    return true;
  }
  // Two ETags that differ say nothing where one is of an upload in parts, or encrypted by a key service.
  const auto content = copier_.compare_checksums(object, run_.destination_key(object.key));
  if (!content) return refuse(content.error().error.message);
  if (*content == ContentCheck::different) return refuse("the copy's content is not the source's");
  ++(*content == ContentCheck::equal ? response.verified_by_content : response.verified_by_size);
  return true;
}

}  // namespace understudy
