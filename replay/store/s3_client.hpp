// A client of Amazon S3 and of stores that speak as it does.
//
// Calls are signed (SigV4), sent over one kept connection, and tried again with growing, jittered pauses when the store
// is busy (500, 502, 503 and 504, 429, "SlowDown", a broken connection); Retry-After is honoured. All of them may be
// sent twice. Thread safety: one client, one thread; clients share an S3Store.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "replay/environment/environment_client.hpp"
#include "replay/environment/pause.hpp"
#include "replay/store/http_connection.hpp"
#include "replay/store/s3_types.hpp"
#include "replay/store/sigv4.hpp"
#include "traffic/base/clock.hpp"
#include "traffic/rules/random_source.hpp"

namespace understudy {

struct S3Settings {
  StreamOptions stream;  // the endpoint, without a path
  std::string region = "us-east-1";
  bool virtual_host = false;  // bucket.endpoint/key; else endpoint/bucket/key
  RetryPolicy retry{.attempts_max = 10, .first = std::chrono::milliseconds(100), .max = std::chrono::seconds(20)};
};

// The endpoint of AWS itself for a region, and what an `endpoint` text means: "https://s3.example.com:9000", or "" for
// AWS. ExitCode::target_invalid.
[[nodiscard]] Result<TargetUrl> s3_endpoint(std::string_view endpoint, std::string_view region);

// What the clients of one store share: settings, addresses and credentials. Thread safety: any thread.
class S3Store {
 public:
  using CredentialSource = std::function<Result<AwsCredentials>()>;
  S3Store(S3Settings settings, CredentialSource source, const Clock& clock);

  [[nodiscard]] const S3Settings& settings() const { return settings_; }
  [[nodiscard]] const Clock& clock() const { return clock_; }
  // Those that were asked for last, or new ones where they are over soon.
  [[nodiscard]] Result<AwsCredentials> credentials();
  // The addresses of a host, asked for again after a minute.
  [[nodiscard]] Result<std::vector<IpAddress>> look_up(const std::string& host);

 private:
  S3Settings settings_;
  CredentialSource source_;
  const Clock& clock_;
  std::mutex mutex_;  // guards what follows
  std::optional<AwsCredentials> credentials_;
  std::string host_;
  std::vector<IpAddress> addresses_;
  MonotonicTime addresses_end_{};
};

struct S3Place {
  std::string_view bucket, key;
};

class S3Client {
 public:
  // A body is taken up to here; larger objects are read in ranges.
  static constexpr std::size_t body_size_max = std::size_t{32} << 20U;

  // All outlive the client. The pause ends when the token is stopped.
  S3Client(std::shared_ptr<S3Store> store, Pause& pause, std::stop_token stop);
  ~S3Client();
  S3Client(const S3Client&) = delete;
  S3Client& operator=(const S3Client&) = delete;

  [[nodiscard]] S3Result<S3Page> list(std::string_view bucket, const S3ListQuery& query);
  // With a part number the size is that part's, and part_count is told where the store knows. With checksums, those.
  [[nodiscard]] S3Result<S3Head> head(const S3Place& place, unsigned part = 0, bool checksums = false);
  // REQUIRES: size is body_size_max at most. if_match: an ETag; fails with 412 when the object has changed.
  [[nodiscard]] S3Result<std::string> get(const S3Place& place, std::uint64_t offset, std::uint64_t size,
                                          std::string_view if_match);
  // A whole object of body_size_max at most.
  [[nodiscard]] S3Result<std::string> get(const S3Place& place);
  // With only_new, 412 when there is one already, where the store knows If-None-Match. The ETag.
  [[nodiscard]] S3Result<std::string> put(const S3Place& place, std::string_view body, const S3Headers& headers = {},
                                          bool only_new = false);
  // Server-side, up to 5 GiB; keeps metadata, content headers and tags. The source must still have the ETag.
  [[nodiscard]] S3Result<std::string> copy(const S3Place& from, const S3Place& to, std::string_view etag);
  // "name=value&...", encoded, as x-amz-tagging takes it.
  [[nodiscard]] S3Result<std::string> tags(const S3Place& place);
  [[nodiscard]] S3Result<void> put_tags(const S3Place& place, std::string_view tags);
  [[nodiscard]] S3Result<void> erase(const S3Place& place);

  // Uploads in parts, which count from 1.
  [[nodiscard]] S3Result<std::string> begin_upload(const S3Place& place, const S3Headers& headers);
  [[nodiscard]] S3Result<std::string> upload_part(const S3Place& place, std::string_view upload, unsigned part,
                                                  std::string_view body);
  [[nodiscard]] S3Result<std::string> copy_part(const S3Place& from, const S3Place& to, std::string_view upload,
                                                unsigned part, std::uint64_t offset, std::uint64_t size,
                                                std::string_view etag);
  [[nodiscard]] S3Result<std::string> end_upload(const S3Place& place, std::string_view upload,
                                                 const std::vector<std::string>& etags);
  [[nodiscard]] S3Result<void> abort_upload(const S3Place& place, std::string_view upload);

 private:
  struct Call;
  [[nodiscard]] S3Result<HttpReply> send(const Call& call);
  template <typename T>
  [[nodiscard]] S3Result<T> ask(const Call& call, Result<T> (*read)(std::string_view));
  [[nodiscard]] S3Result<HttpReply> try_once(const Call& call, std::optional<Nanoseconds>& retry_after);
  // The connection for a bucket's host.
  [[nodiscard]] HttpConnection& connection(const std::string& host);

  std::shared_ptr<S3Store> store_;
  Pause& pause_;
  std::stop_token stop_;
  RandomSource random_;
  std::map<std::string, HttpConnection, std::less<>> connections_;  // by host: one, or one a bucket
};

}  // namespace understudy
