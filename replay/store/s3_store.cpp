#include <fmt/format.h>

#include <utility>

#include "replay/store/s3_client.hpp"

namespace understudy {
namespace {

constexpr Nanoseconds addresses_lifetime = std::chrono::minutes(1);
constexpr Nanoseconds credentials_margin = std::chrono::minutes(5);

}  // namespace

Result<TargetUrl> s3_endpoint(std::string_view endpoint, std::string_view region) {
  if (endpoint.empty()) {
    const std::string_view suffix = region.starts_with("cn-") ? ".cn" : "";
    return parse_target(fmt::format("https://s3.{}.amazonaws.com{}", region, suffix));
  }
  auto target = parse_target(endpoint);
  if (target && !target->base_path.empty()) {
    return fail(ExitCode::target_invalid,
                fmt::format("the endpoint {} has a path; the bucket is given apart from it", target->display()));
  }
  if (target && target->credentials) {
    return fail(ExitCode::target_invalid, "an endpoint takes no user and password; keys are given apart from it");
  }
  return target;
}

S3Store::S3Store(S3Settings settings, CredentialSource source, const Clock& clock)
    : settings_(std::move(settings)), source_(std::move(source)), clock_(clock) {}

Result<AwsCredentials> S3Store::credentials() {
  const std::lock_guard lock(mutex_);
  const bool over =
      credentials_ && credentials_->expires && *credentials_->expires - credentials_margin <= clock_.wall_now();
  if (!credentials_ || over) {
    auto found = source_();
    if (!found) return found;
    credentials_ = std::move(*found);
  }
  return *credentials_;
}

Result<std::vector<IpAddress>> S3Store::look_up(const std::string& host) {
  const std::lock_guard lock(mutex_);
  if (host != host_ || clock_.monotonic_now() >= addresses_end_) {
    auto found = understudy::look_up(host);
    if (!found) return found;
    host_ = host;
    addresses_ = std::move(*found);
    addresses_end_ = clock_.monotonic_now() + addresses_lifetime;
  }
  return addresses_;
}

}  // namespace understudy
