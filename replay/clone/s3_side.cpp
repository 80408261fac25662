#include "replay/clone/s3_side.hpp"

#include <fmt/format.h>

#include <utility>

namespace understudy {

Result<S3Side> open_s3_side(const CloneEndpoint& side, const CloneAccessLookup& access, const Clock& clock) {
  auto found = access(side);
  if (!found) return tl::unexpected(found.error());
  S3Settings settings;
  if (!found->region.empty()) settings.region = found->region;
  auto target = s3_endpoint(side.endpoint, settings.region);
  if (!target) return tl::unexpected(target.error());
  settings.virtual_host = found->virtual_host || side.endpoint.empty();
  // The wildcard of AWS's certificate does not cover a name with dots.
  if (side.endpoint.empty() && side.bucket.find('.') != std::string::npos) settings.virtual_host = false;
  settings.stream.target = std::move(*target);
  settings.stream.proxy = found->proxy;
  settings.stream.tls = found->tls;
  settings.stream.connect_timeout = found->connect_timeout;
  auto source = [access, side, first = std::make_shared<std::optional<AwsCredentials>>(found->aws)] {
    if (*first) return Result<AwsCredentials>(*std::exchange(*first, std::nullopt));
    auto again = access(side);
    if (!again) return Result<AwsCredentials>(tl::unexpected(again.error()));
    return Result<AwsCredentials>(std::move(again->aws));
  };
  return S3Side{std::make_shared<S3Store>(std::move(settings), std::move(source), clock), side.bucket, side.prefix};
}

bool is_same_store(const S3Side& a, const S3Side& b) {
  const TargetUrl& left = a.store->settings().stream.target;
  const TargetUrl& right = b.store->settings().stream.target;
  const bool both_aws = left.host.ends_with(".amazonaws.com") && right.host.ends_with(".amazonaws.com");
  return both_aws || (left.host == right.host && left.port == right.port);
}

Result<void> check_apart(const S3Side& source, const S3Side& destination) {
  if (!is_same_store(source, destination) || source.bucket != destination.bucket) return {};
  if (source.prefix == destination.prefix) return fail(ExitCode::usage, "a clone's source is its destination");
  if (source.prefix.starts_with(destination.prefix) || destination.prefix.starts_with(source.prefix)) {
    return fail(ExitCode::usage,
                fmt::format("of the two places in s3://{} one holds the other, so that copies would be "
                            "copied again; choose another destination",
                            source.bucket));
  }
  return {};
}

}  // namespace understudy
