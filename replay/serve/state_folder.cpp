#include "replay/serve/state_folder.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "replay/clone/folder_documents.hpp"
#include "traffic/base/whole_file.hpp"

namespace understudy {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view maintenance_key = "maintenance.json";

}  // namespace

Result<std::unique_ptr<StateFolder>> StateFolder::open(const std::string& path) {
  const auto refuse = [&](const std::string& why) {
    return fail(ExitCode::configuration, fmt::format("cannot use the state folder '{}': {}", path, why));
  };
  auto documents = open_folder_documents(path);  // makes it
  if (!documents) return refuse(documents.error().message);
  auto lock = FileLock::take(path + "/lock");
  if (!lock) return refuse(lock.error().text());
  if (*lock == nullptr) return refuse("another server uses it; give this one a folder of its own");
  std::unique_ptr<StateFolder> folder(new StateFolder(path, std::move(*lock)));
  auto clones = open_folder_documents(path + "/clones");
  if (!clones) return refuse(clones.error().message);
  folder->documents_ = std::move(*documents);
  folder->clones_ = std::move(*clones);
  const auto maintenance = folder->documents_->read(maintenance_key);
  if (!maintenance) return refuse(maintenance.error().message);
  folder->maintenance_ = maintenance->has_value();
  return folder;
}

Result<std::vector<std::string>> StateFolder::clone_ids() const {
  std::vector<std::string> ids;
  std::error_code error;
  for (fs::directory_iterator entry(path_ + "/clones", error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    if (entry->is_directory(error)) ids.push_back(entry->path().filename().string());
  }
  if (!error) return ids;
  return fail(ExitCode::configuration, fmt::format("cannot read '{}/clones': {}", path_, error.message()));
}

bool StateFolder::maintenance() const {
  const std::lock_guard lock(mutex_);
  return maintenance_;
}

Result<void> StateFolder::set_maintenance(bool on) {
  const std::lock_guard lock(mutex_);
  if (on == maintenance_) return {};
  auto done =
      on ? documents_->write(maintenance_key, R"({"MaintenanceMode":true})") : documents_->erase(maintenance_key);
  if (!done) return done;
  maintenance_ = on;
  return {};
}

}  // namespace understudy
