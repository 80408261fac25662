// Compares two responses to the same request.
//
// Status first. Where the classes of the two differ (2xx, 5xx) that is all: the bodies of a success and of an error
// have nothing to do with each other. Then Content-Type, the other headers, and the body: bytes that are the same are
// equal without a look inside; gzip and deflate are decoded; where both contents are JSON by their Content-Type (or,
// without one, begin with { or [) and parse, they are compared by structure, else byte by byte. br, zstd and the like
// are compared as they are.
//
// In JSON, members have no order, numbers are compared by value (integers beyond 64 bits as floating point, which is
// compared to 15 digits), and a string that is a redaction marker in what was expected equals anything.
//
// Bounds: bodies beyond body_max, or nested deeper than json_depth_max, are compared by their bytes; one pair of bodies
// is json_work_max steps at most, after which the differences found so far are given as `cut`; two parsed bodies are
// json_memory_max bytes at most, beyond which they are compared by their bytes, too.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <memory>

#include "replay/compare/compare_rules.hpp"
#include "replay/compare/difference.hpp"
#include "traffic/http/message.hpp"

namespace understudy {

class Comparator {
 public:
  // The rules outlive the comparator.
  explicit Comparator(const CompareRules& rules);
  ~Comparator();
  Comparator(Comparator&&) noexcept;

  // REQUIRES: both are responses. A body that was not kept is not compared. The result is valid until the next call.
  [[nodiscard]] const Differences& compare(const HttpMessage& expected, const HttpMessage& actual);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace understudy
