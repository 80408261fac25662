#include "replay/clone/bucket_documents.hpp"

#include <fmt/format.h>

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "replay/clone/stop_pause.hpp"

namespace understudy {
namespace {

constexpr std::size_t clients_kept_max = 32;

class BucketDocuments final : public DocumentStore {
 private:
  // With a client that nobody else uses meanwhile.
  template <typename Call>
  [[nodiscard]] auto with_client(Call&& call) {
    std::unique_ptr<S3Client> client;
    {
      const std::lock_guard lock(mutex_);
      if (!clients_.empty()) {
        client = std::move(clients_.back());
        clients_.pop_back();
      }
    }
    if (!client) client = std::make_unique<S3Client>(place_.store, pause_, stop_);
    auto result = call(*client);
    const std::lock_guard lock(mutex_);
    if (clients_.size() < clients_kept_max) clients_.push_back(std::move(client));
    return result;
  }

 public:
  BucketDocuments(S3Side place, std::stop_token stop)
      : place_(std::move(place)), stop_(std::move(stop)), pause_(stop_) {
    if (!place_.prefix.empty() && !place_.prefix.ends_with('/')) place_.prefix += '/';
  }

  Result<void> write(std::string_view key, std::string_view text) override {
    if (text.size() > document_size_max) return too_large(key);
    const std::string name = place_.prefix + std::string(key);
    const auto put = with_client([&](S3Client& client) { return client.put({place_.bucket, name}, text, json()); });
    if (!put) return tl::unexpected(put.error().error);
    return {};
  }

  Result<bool> create(std::string_view key, std::string_view text) override {
    if (text.size() > document_size_max) return too_large(key);
    const std::string name = place_.prefix + std::string(key);
    const auto put = with_client([&](S3Client& client) {
      return client.put({place_.bucket, name}, text, json(), true);
    });
    if (put) return true;
    // 409: another conditional write is under way.
    if (put.error().status == 412 || put.error().status == 409) return false;
    return tl::unexpected(put.error().error);
  }

  Result<std::optional<std::string>> read(std::string_view key) override {
    const std::string name = place_.prefix + std::string(key);
    auto got = with_client([&](S3Client& client) { return client.get({place_.bucket, name}); });
    if (got) return std::optional<std::string>(std::move(*got));
    if (is_missing(got.error())) return std::nullopt;
    return tl::unexpected(got.error().error);
  }

  Result<std::vector<std::string>> list(std::string_view prefix, std::string_view after) override {
    S3ListQuery query{place_.prefix + std::string(prefix), "", "", 1000};
    if (!after.empty()) query.start_after = place_.prefix + std::string(after);
    auto page = with_client([&](S3Client& client) { return client.list(place_.bucket, query); });
    if (!page) return tl::unexpected(page.error().error);
    std::vector<std::string> keys;
    for (const S3Object& object : page->objects) {
      if (object.key.starts_with(place_.prefix)) keys.push_back(object.key.substr(place_.prefix.size()));
    }
    return keys;
  }

  Result<void> erase(std::string_view key) override {
    const std::string name = place_.prefix + std::string(key);
    const auto erased = with_client([&](S3Client& client) { return client.erase({place_.bucket, name}); });
    if (!erased) return tl::unexpected(erased.error().error);
    return {};
  }

  std::string display() const override { return fmt::format("s3://{}/{}", place_.bucket, place_.prefix); }

 private:
  [[nodiscard]] static S3Headers json() { return {{"Content-Type", "application/json"}}; }
  [[nodiscard]] static tl::unexpected<Error> too_large(std::string_view key) {
    return fail(ExitCode::output_failed, fmt::format("'{}' would be too large for a document", key));
  }

  S3Side place_;
  std::stop_token stop_;
  StopPause pause_;
  std::mutex mutex_;  // guards clients_
  std::vector<std::unique_ptr<S3Client>> clients_;
};

}  // namespace

std::unique_ptr<DocumentStore> open_bucket_documents(S3Side place, std::stop_token stop) {
  return std::make_unique<BucketDocuments>(std::move(place), std::move(stop));
}

}  // namespace understudy
