#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "replay/clone/folder_documents.hpp"
#include "replay/serve/state_folder.hpp"

namespace understudy {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view maintenance_key = "maintenance.json";

}  // namespace

Result<std::unique_ptr<StateFolder>> StateFolder::open(const std::string& path) {
  const auto refuse = [&](const std::string& why) {
    return fail(ExitCode::configuration, fmt::format("cannot use the state folder '{}': {}", path, why));
  };
  std::error_code error;
  if (fs::create_directories(path, error)) fs::permissions(path, fs::perms::owner_all, error);
  if (error) return refuse(error.message());
  const std::string file = path + "/lock";
  const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0) return refuse(std::generic_category().message(errno));
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const int reason = errno;
    ::close(lock);
    return refuse(reason == EWOULDBLOCK ? "another server uses it; give this one a folder of its own"
                                        : std::generic_category().message(reason));
  }
  std::unique_ptr<StateFolder> folder(new StateFolder(path, lock));
  auto documents = open_folder_documents(path);
  if (!documents) return refuse(documents.error().message);
  auto clones = open_folder_documents(path + "/clones");
  if (!clones) return refuse(clones.error().message);
  folder->documents_ = std::move(*documents);
  folder->clones_ = std::move(*clones);
  const auto maintenance = folder->documents_->read(maintenance_key);
  if (!maintenance) return refuse(maintenance.error().message);
  folder->maintenance_ = maintenance->has_value();
  return folder;
}

StateFolder::~StateFolder() { ::close(lock_); }

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
