#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <random>
#include <system_error>

#include "replay/clone/folder_documents.hpp"
#include "traffic/base/check.hpp"

namespace understudy {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t list_size_max = 100'000;

[[nodiscard]] tl::unexpected<Error> failed(std::string_view what, const std::string& path, int error) {
  return fail(ExitCode::output_failed,
              fmt::format("cannot {} '{}': {}", what, path, std::generic_category().message(error)));
}

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

[[nodiscard]] bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

class FolderDocuments final : public DocumentStore {
 public:
  explicit FolderDocuments(std::string folder) : folder_(std::move(folder)) {}

  Result<void> write(std::string_view key, std::string_view text) override {
    const std::string path = path_of(key);
    auto temporary = write_temporary(path, text);
    if (!temporary) return tl::unexpected(temporary.error());
    if (::rename(temporary->c_str(), path.c_str()) == 0) return {};
    const int error = errno;
    ::unlink(temporary->c_str());
    return failed("write", path, error);
  }

  Result<bool> create(std::string_view key, std::string_view text) override {
    const std::string path = path_of(key);
    auto temporary = write_temporary(path, text);
    if (!temporary) return tl::unexpected(temporary.error());
    // link() refuses where rename() would replace.
    const int error = ::link(temporary->c_str(), path.c_str()) == 0 ? 0 : errno;
    ::unlink(temporary->c_str());
    if (error == EEXIST) return false;
    if (error != 0) return failed("write", path, error);
    return true;
  }

  Result<std::optional<std::string>> read(std::string_view key) override {
    const std::string path = path_of(key);
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file.get() < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
    struct stat status {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return failed("read", path, errno);
    if (status.st_size < 0 || static_cast<std::size_t>(status.st_size) > document_size_max) {
      return fail(ExitCode::output_failed, fmt::format("'{}' is too large for a document of a clone", path));
    }
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t size = 0;
    while (size < text.size()) {
      const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failed("read", path, errno);
      if (got == 0) break;
      size += static_cast<std::size_t>(got);
    }
    text.resize(size);
    return text;
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
    if (error) return failed("list", folder_ + "/" + parent, error.value());
    std::ranges::sort_heap(keys);
    return keys;
  }

  Result<void> erase(std::string_view key) override {
    const std::string path = path_of(key);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR) return failed("remove", path, errno);
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
        fmt::format("{}/.{:08x}-{}-{}.tmp", folder, token_, ::getpid(), next_temporary_.fetch_add(1));
    const auto open = [&] { return ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600); };
    int descriptor = open();
    if (descriptor < 0 && errno == ENOENT) {
      std::error_code error;
      fs::create_directories(folder, error);
      if (error) return failed("make the folder", folder, error.value());
      descriptor = open();
    }
    const Descriptor file(descriptor);
    if (file.get() < 0) return failed("write", temporary, errno);
    if (!write_all(file.get(), text)) {
      const int error = errno;
      ::unlink(temporary.c_str());
      return failed("write", path, error);
    }
    return temporary;
  }

  std::string folder_;
  const unsigned token_ = std::random_device()();  // tells apart the machines that share the folder
  std::atomic<std::uint64_t> next_temporary_{0};
};

}  // namespace

Result<std::unique_ptr<DocumentStore>> open_folder_documents(const std::string& folder) {
  std::error_code error;
  if (fs::create_directories(folder, error)) fs::permissions(folder, fs::perms::owner_all, error);
  if (!error && !fs::is_directory(folder, error)) error = std::make_error_code(std::errc::not_a_directory);
  if (error) return failed("use the folder", folder, error.value());
  return std::make_unique<FolderDocuments>(folder);
}

}  // namespace understudy
