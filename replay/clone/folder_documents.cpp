#include "replay/clone/folder_documents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <random>
#include <system_error>

#include "traffic/base/check.hpp"
#include "traffic/base/host_name.hpp"
#include "traffic/base/whole_file.hpp"

namespace understudy {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t list_size_max = 100'000;

[[nodiscard]] tl::unexpected<Error> failed(std::string_view what, const std::string& path, const std::string& why) {
  return fail(ExitCode::output_failed, fmt::format("cannot {} '{}': {}", what, path, why));
}

class FolderDocuments final : public DocumentStore {
 public:
  explicit FolderDocuments(std::string folder) : folder_(std::move(folder)) {}

  Result<void> write(std::string_view key, std::string_view text) override {
    const std::string path = path_of(key);
    auto temporary = write_temporary(path, text);
    if (!temporary) return tl::unexpected(temporary.error());
    if (auto replaced = replace_file(*temporary, path); !replaced) {
      static_cast<void>(remove_file(*temporary));
      return failed("write", path, replaced.error().text());
    }
    return {};
  }

  Result<bool> create(std::string_view key, std::string_view text) override {
    const std::string path = path_of(key);
    auto temporary = write_temporary(path, text);
    if (!temporary) return tl::unexpected(temporary.error());
    const auto placed = place_file(*temporary, path);
    if (!placed) return failed("write", path, placed.error().text());
    return *placed;
  }

  Result<std::optional<std::string>> read(std::string_view key) override {
    const std::string path = path_of(key);
    auto text = read_whole_file(path, document_size_max);
    if (!text) return failed("read", path, text.error().text());
    return std::move(*text);
  }

  Result<std::vector<std::string>> list(std::string_view prefix, std::string_view after) override {
    const std::size_t slash = prefix.rfind('/');
    const std::string parent(slash == std::string_view::npos ? "" : prefix.substr(0, slash));
    std::vector<std::string> keys;
    std::error_code error;
    fs::directory_iterator entries(parent.empty() ? folder_ : path_of(parent), error);
    if (error == std::errc::no_such_file_or_directory) return keys;
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
      const std::string name = entries->path().filename().string();
      if (name.starts_with('.')) continue;  // being written
      std::string key = parent.empty() ? name : parent + "/" + name;
      if (!key.starts_with(prefix) || std::string_view(key) <= after) continue;
      // The smallest list_size_max of them, in a heap: a folder may hold any number.
      keys.push_back(std::move(key));
      std::ranges::push_heap(keys);
      if (keys.size() > list_size_max) {
        std::ranges::pop_heap(keys);
        keys.pop_back();
      }
    }
    if (error) return failed("list", folder_ + "/" + parent, error.message());
    std::ranges::sort_heap(keys);
    return keys;
  }

  Result<void> erase(std::string_view key) override {
    const std::string path = path_of(key);
    if (auto removed = remove_file(path); !removed) return failed("remove", path, removed.error().text());
    return {};
  }

  std::string display() const override { return fmt::format("folder {}", folder_); }

 private:
  [[nodiscard]] std::string path_of(std::string_view key) const {
    CHECK(!key.empty() && !key.starts_with('/') && fmt::format("/{}/", key).find("/../") == std::string::npos);
    return fmt::format("{}/{}", folder_, key);
  }

  // The text in a file beside `path`, whose name list() passes over.
  [[nodiscard]] Result<std::string> write_temporary(const std::string& path, std::string_view text) {
    if (text.size() > document_size_max) {
      return fail(ExitCode::output_failed, fmt::format("'{}' would be too large for a document", path));
    }
    const std::string folder = path.substr(0, path.rfind('/'));
    std::string temporary =
        fmt::format("{}/.{:08x}-{}-{}.tmp", folder, token_, process_id(), next_temporary_.fetch_add(1));
    const auto write = [&] { return write_new_file(temporary, text, FileAccess::owner, FileSafety::process); };
    auto written = write();
    std::error_code error;
    if (!written && !fs::exists(folder, error)) {
      fs::create_directories(folder, error);
      if (error) return failed("make the folder", folder, error.message());
      written = write();
    }
    if (!written) return failed("write", path, written.error().text());
    return temporary;
  }

  std::string folder_;
  const unsigned token_ = std::random_device()();  // tells apart the machines that share the folder
  std::atomic<std::uint64_t> next_temporary_{0};
};

}  // namespace

Result<std::unique_ptr<DocumentStore>> open_folder_documents(const std::string& folder) {
  std::error_code error;
  const fs::path parent = fs::path(folder).parent_path();
  if (!parent.empty()) fs::create_directories(parent, error);
  if (error) return failed("use the folder", folder, error.message());
  if (auto made = create_private_folder(folder); !made) return failed("use the folder", folder, made.error().text());
  if (!fs::is_directory(folder, error)) {
    return failed("use the folder", folder, std::make_error_code(std::errc::not_a_directory).message());
  }
  return std::make_unique<FolderDocuments>(folder);
}

}  // namespace understudy
