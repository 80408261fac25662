// The folder in which the environment's server keeps what lasts: one server at a time, and maintenance mode.
//
// Thread safety: any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "replay/clone/document_store.hpp"
#include "traffic/base/error.hpp"
#include "traffic/base/file_lock.hpp"

namespace understudy {

class StateFolder {
 public:
  // Makes it where it is missing, for its owner alone, and locks it until destruction; a lock ends with its process.
  // ExitCode::configuration when another server has it, or it cannot be written to.
  [[nodiscard]] static Result<std::unique_ptr<StateFolder>> open(const std::string& path);
  StateFolder(const StateFolder&) = delete;
  StateFolder& operator=(const StateFolder&) = delete;

  // Of the clones, each under its Id.
  [[nodiscard]] DocumentStore& clones() { return *clones_; }
  // The Ids of all clones that have documents.
  [[nodiscard]] Result<std::vector<std::string>> clone_ids() const;

  [[nodiscard]] bool maintenance() const;
  // On disk before it counts. ExitCode::output_failed.
  [[nodiscard]] Result<void> set_maintenance(bool on);

 private:
  StateFolder(std::string path, std::unique_ptr<FileLock> lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  const std::string path_;
  const std::unique_ptr<FileLock> lock_;
  std::unique_ptr<DocumentStore> documents_, clones_;
  mutable std::mutex mutex_;  // guards what is below
  bool maintenance_ = false;
};

}  // namespace understudy
