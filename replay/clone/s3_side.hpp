// A side of a bucket clone, opened: the store that an endpoint and a CredentialRef stand for.
#pragma once

#include <memory>
#include <string>

#include "replay/clone/clone_job.hpp"
#include "replay/environment/clone_payloads.hpp"
#include "replay/store/s3_client.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

struct S3Side {
  std::shared_ptr<S3Store> store;
  std::string bucket, prefix;
};

// Nothing is asked of the store so far. Errors of `access`, and ExitCode::target_invalid for the endpoint. The clock
// outlives the store.
[[nodiscard]] Result<S3Side> open_s3_side(const CloneEndpoint& side, const CloneAccessLookup& access,
                                          const Clock& clock);

// Whether one can copy from the other by itself.
[[nodiscard]] bool is_same_store(const S3Side& a, const S3Side& b);

// ExitCode::usage when the two are one place, or when one holds the other, so that copies would be copied again.
[[nodiscard]] Result<void> check_apart(const S3Side& source, const S3Side& destination);

}  // namespace understudy
