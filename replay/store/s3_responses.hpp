// Reads the bodies of an object store's answers. Hostile: every field is checked. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "replay/store/http_connection.hpp"
#include "replay/store/s3_types.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// ListBucketResult. Keys are decoded where the answer says that they are encoded. A page that is truncated and has
// neither keys nor prefixes is an error: it would be asked for again for ever.
[[nodiscard]] Result<S3Page> read_list_page(std::string_view body);

// The ETag of a CopyObjectResult or a CopyPartResult, without quotes.
[[nodiscard]] Result<std::string> read_copy_result(std::string_view body);
// UploadId of an InitiateMultipartUploadResult.
[[nodiscard]] Result<std::string> read_upload_id(std::string_view body);
// ETag of a CompleteMultipartUploadResult.
[[nodiscard]] Result<std::string> read_completed(std::string_view body);
// A Tagging as the value of x-amz-tagging: "name=value&...".
[[nodiscard]] Result<std::string> read_tagging(std::string_view body);
// The same back again: the body of PutObjectTagging.
[[nodiscard]] std::string tagging_xml(std::string_view tags);

// The error of an answer: its body's <Error>, or its status alone. `what` is what was asked: "CopyObject bucket/key".
[[nodiscard]] S3Error read_s3_error(std::string_view what, const HttpReply& reply);
// Whether an answer of 200 holds an <Error> all the same, as those of copies may.
[[nodiscard]] bool holds_error(std::string_view body);

[[nodiscard]] S3Head read_head(const HttpReply& reply);

}  // namespace understudy
