// A desk whose clones do what the test says, on a folder of its own.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "replay/serve/clone_desk.hpp"
#include "replay/serve/state_folder.hpp"
#include "tests/support/files.hpp"
#include "tests/support/manual_clock.hpp"

namespace understudy::test {

[[nodiscard]] inline CloneRequest postgres_request(std::string id, std::string destination = "candidate") {
  CloneRequest request;
  request.id = std::move(id);
  request.source = {CloneKind::postgres, {}, {}, {}, "prod", "prod"};
  request.destination = {CloneKind::postgres, {}, {}, {}, std::move(destination), "test"};
  return request;
}

// Clones that wait to be let go, and then succeed with one segment, or end when they are stopped.
class GatedClones {
 public:
  [[nodiscard]] CloneRunner runner() {
    return [this](const CloneRequest& request, const CloneContext& context, std::stop_token stop) {
      return run(request, context, std::move(stop));
    };
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  [[nodiscard]] int started() const { return started_.load(); }
  // Until so many have begun.
  void wait_started(int count) const {
    while (started_.load() < count) std::this_thread::yield();
  }

 private:
  Result<CloneManifest> run(const CloneRequest& request, const CloneContext& context, std::stop_token stop) {
    context.progress.set_status(CloneStatus::copying);
    ++started_;
    {
      const std::stop_callback wake(stop, [this] {
        const std::lock_guard lock(mutex_);
        changed_.notify_all();
      });
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return open_ || stop.stop_requested(); });
    }
    if (stop.stop_requested()) {
      context.progress.set_status(CloneStatus::cancelled);
      return fail(ExitCode::aborted, "cancelled");
    }
    if (request.destination.database == "broken") {
      context.progress.add_error("it broke");
      context.progress.set_status(CloneStatus::failed);
      return fail(ExitCode::clone_failed, "it broke");
    }
    CloneManifest manifest{request.id, "prod", "candidate", 1, {segment_response_key(request.id, 1)}};
    EXPECT_TRUE(context.documents.write(segment_response_key(request.id, 1), R"({"id":"1"})"));
    EXPECT_TRUE(context.documents.write(clone_response_key(request.id), to_json(manifest)));
    context.progress.set_status(CloneStatus::succeeded);
    return manifest;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  std::atomic<int> started_{0};
};

// A state folder, and a desk on it that can be closed and opened again.
class DeskOnFolder {
 public:
  explicit DeskOnFolder(const std::string& path) : folder_(*StateFolder::open(path)) {
    CloneDeskOptions options;
    options.postgres_runner = clones.runner();
    options.resolve = [](CloneRequest request) -> Result<CloneRequest> {
      if (request.source.credential_ref == "unknown") return fail(ExitCode::configuration, "no such credential");
      return request;
    };
    options.at_once = 1;
    desk_ = std::move(*CloneDesk::open(std::move(options), *folder_, clock_));
  }

  GatedClones clones;
  [[nodiscard]] CloneDesk& desk() { return *desk_; }
  [[nodiscard]] StateFolder& folder() { return *folder_; }
  [[nodiscard]] CloneState final_state(std::string_view id) {
    return *desk_->state(id, std::chrono::seconds(30));  // a bound; it ends at once
  }

 private:
  ManualClock clock_;
  std::unique_ptr<StateFolder> folder_;
  std::unique_ptr<CloneDesk> desk_;
};

}  // namespace understudy::test
