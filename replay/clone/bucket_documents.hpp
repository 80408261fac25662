// Documents in a bucket: one object each, below a prefix. Shared by whoever may read and write there.
//
// create() uses If-None-Match; a store that does not know it writes all the same, which costs double work and no more.
#pragma once

#include <memory>
#include <stop_token>

#include "replay/clone/document_store.hpp"
#include "replay/clone/s3_side.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// The bucket must be there: nothing is asked so far. A stop request ends what is under way, with an error.
[[nodiscard]] std::unique_ptr<DocumentStore> open_bucket_documents(S3Side place, std::stop_token stop = {});

}  // namespace understudy
