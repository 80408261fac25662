// What object stores say (Amazon S3 API Reference), as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

// Why a call failed. `error` is a sentence without secrets; its code is ExitCode::permission when the store refused the
// caller, tls, aborted on a stop request, or target_invalid.
struct S3Error {
  int status = 0;    // of HTTP; 0: there was no response
  std::string code;  // "NoSuchKey"; empty where the store gave none
  Error error;
};

template <typename T>
using S3Result = tl::expected<T, S3Error>;

// The store's answer about an object that is not there.
[[nodiscard]] inline bool is_missing(const S3Error& error) {
  return error.status == 404 && error.code != "NoSuchBucket" && error.code != "NoSuchUpload";
}

struct S3Object {
  std::string key;
  std::uint64_t size = 0;
  std::string etag;  // without quotes

  friend bool operator==(const S3Object&, const S3Object&) = default;
};

// An ETag of an upload in parts: "<32 digits>-<parts>". Nothing for every other.
[[nodiscard]] std::optional<std::uint64_t> parts_of_etag(std::string_view etag);

struct S3ListQuery {
  std::string prefix;
  std::string start_after;  // keys behind this one, in byte order
  std::string delimiter;
  unsigned keys_max = 1000;
};

struct S3Page {
  std::vector<S3Object> objects;
  std::vector<std::string> prefixes;  // with a delimiter
  bool truncated = false;             // there are more
};

using S3Headers = std::vector<std::pair<std::string, std::string>>;

struct S3Head {
  std::uint64_t size = 0;
  std::string etag;
  std::uint64_t part_count = 0;  // of HEAD with a part number, where the store tells
  S3Headers kept;                // what a copy must carry: content headers, metadata
  std::uint64_t tag_count = 0;
  bool kms_encrypted = false;           // its ETag is no MD5
  std::string checksum_name, checksum;  // of the whole object, such as "crc64nvme"; empty where the store has none
};

}  // namespace understudy
