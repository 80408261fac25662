#include "replay/store/s3_client.hpp"

#include <fmt/format.h>

#include <random>
#include <utility>

#include "replay/environment/retry_after.hpp"
#include "replay/store/s3_responses.hpp"
#include "traffic/base/check.hpp"
#include "traffic/base/json_text.hpp"

namespace understudy {

struct S3Client::Call {
  std::string_view name;  // of the API, for messages
  std::string method;
  S3Place place;
  std::vector<std::pair<std::string, std::string>> query = {};
  S3Headers headers = {};
  std::string_view body = {};
  HttpLimits limits = {};
  bool may_hold_error = false;  // 200 may be an error all the same

  [[nodiscard]] std::string text() const;
};

namespace {

// Of a list or a document; objects are read in ranges of at most this.
constexpr HttpLimits large{S3Client::body_size_max + (1U << 10U), std::chrono::seconds(60), std::chrono::minutes(10)};
// A copy of 5 GiB takes its time before the first byte.
constexpr HttpLimits slow{1U << 20U, std::chrono::minutes(10), std::chrono::hours(2)};

[[nodiscard]] bool is_transient(const S3Error& error) {
  if (error.status == 0) return error.error.code == ExitCode::target_invalid;
  return error.status == 500 || error.status == 502 || error.status == 503 || error.status == 504 ||
         error.status == 429 || error.status == 408 || error.code == "SlowDown" || error.code == "InternalError" ||
         error.code == "RequestTimeout" || error.code == "ServiceUnavailable";
}

[[nodiscard]] std::string place_text(const S3Place& place) {
  std::string text = fmt::format("s3://{}", place.bucket);
  if (!place.key.empty()) text += "/";
  append_printable(text, place.key);
  return text;
}

[[nodiscard]] std::string copy_source(const S3Place& from) {
  return fmt::format("/{}/{}", from.bucket, aws_uri_encode(from.key, true));
}

[[nodiscard]] std::string quoted(std::string_view etag) { return fmt::format("\"{}\"", etag); }

[[nodiscard]] tl::unexpected<S3Error> unreadable(const Error& error) { return tl::unexpected(S3Error{200, "", error}); }

[[nodiscard]] std::string etag_of(const HttpReply& reply) {
  std::string_view etag = reply.header("etag");
  if (etag.size() >= 2 && etag.front() == '"') etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

}  // namespace

// "CopyObject s3://bucket/key".
std::string S3Client::Call::text() const { return fmt::format("{} {}", name, place_text(place)); }

template <typename T>
S3Result<T> S3Client::ask(const Call& call, Result<T> (*read)(std::string_view)) {
  auto reply = send(call);
  if (!reply) return tl::unexpected(std::move(reply.error()));
  auto value = read(reply->body);
  if (value) return std::move(*value);
  value.error().message = fmt::format("{}: {}", call.text(), value.error().message);
  return unreadable(value.error());
}

S3Client::S3Client(std::shared_ptr<S3Store> store, Pause& pause, std::stop_token stop)
    : store_(std::move(store)), pause_(pause), stop_(std::move(stop)), random_(std::random_device()()) {}

S3Client::~S3Client() = default;

HttpConnection& S3Client::connection(const std::string& host) {
  const auto found = connections_.find(host);
  if (found != connections_.end()) return found->second;
  StreamOptions options = store_->settings().stream;
  options.target.host = host;
  return connections_
      .try_emplace(host, std::move(options), [store = store_](const std::string& name) { return store->look_up(name); })
      .first->second;
}

S3Result<HttpReply> S3Client::send(const Call& call) {
  const RetryPolicy& policy = store_->settings().retry;
  for (unsigned failed = 1;; ++failed) {
    std::optional<Nanoseconds> retry_after;
    auto reply = try_once(call, retry_after);
    if (reply || !is_transient(reply.error()) || failed >= policy.attempts_max) return reply;
    Nanoseconds pause = policy.pause(failed, retry_after);
    // Half of it at random, so that many workers do not come back at once.
    if (!retry_after) pause -= pause / 2 / 1024 * random_.below(1024);
    if (!pause_.wait(pause)) return reply;
  }
}

S3Result<HttpReply> S3Client::try_once(const Call& call, std::optional<Nanoseconds>& retry_after) {
  const S3Settings& settings = store_->settings();
  const auto credentials = store_->credentials();
  if (!credentials) return tl::unexpected(S3Error{0, "", credentials.error()});
  TargetUrl target = settings.stream.target;
  SigV4Request request;
  request.method = call.method;
  request.query = call.query;
  request.path = "/";
  if (settings.virtual_host) {
    target.host = fmt::format("{}.{}", call.place.bucket, target.host);
  } else {
    request.path += aws_uri_encode(call.place.bucket);
    if (!call.place.key.empty()) request.path += '/';
  }
  request.path += aws_uri_encode(call.place.key, true);
  request.headers = call.headers;
  request.headers.emplace_back("Host", target.host_field());
  request.payload_hash = sha256_hex(call.body);
  sign_sigv4(request, {settings.region, "s3", false}, *credentials, store_->clock().wall_now());
  HttpRequestHead head{call.method, request.path, std::move(request.headers)};
  if (!call.query.empty()) head.target += "?" + canonical_query(call.query);
  auto reply = connection(target.host).send(head, call.body, call.limits, stop_);
  if (!reply) {
    Error error = reply.error();
    error.message = fmt::format("{}: {}", call.text(), error.message);
    return tl::unexpected(S3Error{0, "", std::move(error)});
  }
  const bool good = reply->status >= 200 && reply->status < 300;
  if (good && !(call.may_hold_error && holds_error(reply->body))) return std::move(*reply);
  retry_after = parse_retry_after(reply->header("retry-after"), store_->clock().wall_now());
  return tl::unexpected(read_s3_error(call.text(), *reply));
}

S3Result<S3Page> S3Client::list(std::string_view bucket, const S3ListQuery& query) {
  Call call{"ListObjectsV2", "GET", {bucket, ""}};
  call.limits = large;
  call.query = {{"list-type", "2"}, {"encoding-type", "url"}, {"max-keys", std::to_string(query.keys_max)}};
  if (!query.prefix.empty()) call.query.emplace_back("prefix", query.prefix);
  if (!query.start_after.empty()) call.query.emplace_back("start-after", query.start_after);
  if (!query.delimiter.empty()) call.query.emplace_back("delimiter", query.delimiter);
  return ask(call, &read_list_page);
}

S3Result<S3Head> S3Client::head(const S3Place& place, unsigned part, bool checksums) {
  Call call{"HeadObject", "HEAD", place};
  if (part > 0) call.query.emplace_back("partNumber", std::to_string(part));
  if (checksums) call.headers.emplace_back("x-amz-checksum-mode", "ENABLED");
  const auto reply = send(call);
  if (!reply) return tl::unexpected(reply.error());
  return read_head(*reply);
}

S3Result<std::string> S3Client::get(const S3Place& place, std::uint64_t offset, std::uint64_t size,
                                    std::string_view if_match) {
  CHECK(size <= body_size_max);
  Call call{"GetObject", "GET", place};
  call.limits = large;
  // A range of nothing cannot be asked for.
  if (size > 0) call.headers.emplace_back("Range", fmt::format("bytes={}-{}", offset, offset + size - 1));
  if (!if_match.empty()) call.headers.emplace_back("If-Match", quoted(if_match));
  auto reply = send(call);
  if (!reply) return tl::unexpected(reply.error());
  if (reply->body.size() != size) {
    return unreadable({ExitCode::target_invalid, fmt::format("GetObject {}: {} bytes were asked for, and {} came",
                                                             place_text(place), size, reply->body.size())});
  }
  return std::move(reply->body);
}

S3Result<std::string> S3Client::get(const S3Place& place) {
  Call call{"GetObject", "GET", place};
  call.limits = large;
  auto reply = send(call);
  if (!reply) return tl::unexpected(reply.error());
  return std::move(reply->body);
}

S3Result<std::string> S3Client::put(const S3Place& place, std::string_view body, const S3Headers& headers,
                                    bool only_new) {
  Call call{"PutObject", "PUT", place, {}, headers, body};
  if (only_new) call.headers.emplace_back("If-None-Match", "*");
  const auto reply = send(call);
  if (!reply) return tl::unexpected(reply.error());
  return etag_of(*reply);
}

S3Result<std::string> S3Client::copy(const S3Place& from, const S3Place& to, std::string_view etag) {
  Call call{"CopyObject", "PUT", to};
  call.headers = {{"x-amz-copy-source", copy_source(from)}};
  if (!etag.empty()) call.headers.emplace_back("x-amz-copy-source-if-match", quoted(etag));
  call.limits = slow;
  call.may_hold_error = true;
  return ask(call, &read_copy_result);
}

S3Result<std::string> S3Client::tags(const S3Place& place) {
  const Call call{"GetObjectTagging", "GET", place, {{"tagging", ""}}};
  return ask(call, &read_tagging);
}

S3Result<void> S3Client::put_tags(const S3Place& place, std::string_view tags) {
  const std::string body = tagging_xml(tags);
  const Call call{"PutObjectTagging", "PUT", place, {{"tagging", ""}}, {}, body};
  const auto reply = send(call);
  if (!reply) return tl::unexpected(reply.error());
  return {};
}

S3Result<void> S3Client::erase(const S3Place& place) {
  const Call call{"DeleteObject", "DELETE", place};
  const auto reply = send(call);
  if (!reply && !is_missing(reply.error())) return tl::unexpected(reply.error());
  return {};
}

S3Result<std::string> S3Client::begin_upload(const S3Place& place, const S3Headers& headers) {
  const Call call{"CreateMultipartUpload", "POST", place, {{"uploads", ""}}, headers};
  return ask(call, &read_upload_id);
}

S3Result<std::string> S3Client::upload_part(const S3Place& place, std::string_view upload, unsigned part,
                                            std::string_view body) {
  Call call{"UploadPart", "PUT", place};
  call.query = {{"partNumber", std::to_string(part)}, {"uploadId", std::string(upload)}};
  call.body = body;
  call.limits = slow;
  const auto reply = send(call);
  if (!reply) return tl::unexpected(reply.error());
  return etag_of(*reply);
}

S3Result<std::string> S3Client::copy_part(const S3Place& from, const S3Place& to, std::string_view upload,
                                          unsigned part, std::uint64_t offset, std::uint64_t size,
                                          std::string_view etag) {
  CHECK(size > 0);
  Call call{"UploadPartCopy", "PUT", to};
  call.query = {{"partNumber", std::to_string(part)}, {"uploadId", std::string(upload)}};
  call.headers = {{"x-amz-copy-source", copy_source(from)},
                  {"x-amz-copy-source-range", fmt::format("bytes={}-{}", offset, offset + size - 1)}};
  if (!etag.empty()) call.headers.emplace_back("x-amz-copy-source-if-match", quoted(etag));
  call.limits = slow;
  call.may_hold_error = true;
  return ask(call, &read_copy_result);
}

S3Result<std::string> S3Client::end_upload(const S3Place& place, std::string_view upload,
                                           const std::vector<std::string>& etags) {
  std::string body = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (std::size_t i = 0; i < etags.size(); ++i) {
    // An ETag is what the store said: no character of it may end the element.
    if (etags[i].find_first_of("<>&\"") != std::string::npos) {
      return unreadable({ExitCode::target_invalid, "a part was given a strange ETag"});
    }
    body += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>&quot;{}&quot;</ETag></Part>", i + 1, etags[i]);
  }
  body += "</CompleteMultipartUpload>";
  Call call{"CompleteMultipartUpload", "POST", place, {{"uploadId", std::string(upload)}}};
  call.body = body;
  call.limits = slow;
  call.may_hold_error = true;
  return ask(call, &read_completed);
}

S3Result<void> S3Client::abort_upload(const S3Place& place, std::string_view upload) {
  const Call call{"AbortMultipartUpload", "DELETE", place, {{"uploadId", std::string(upload)}}};
  const auto reply = send(call);
  if (!reply && !is_missing(reply.error())) return tl::unexpected(reply.error());
  return {};
}

}  // namespace understudy
