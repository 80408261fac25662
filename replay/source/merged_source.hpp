// Several recordings as one, ordered by time. Each is opened when its time comes, and closed at its end.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "traffic/recording/exchange_source.hpp"

namespace understudy {

struct MergePart {
  WallTime not_before;  // none of its requests is earlier
  // Opens it. `already_open` is how many parts are open at that time, for dividing memory between them.
  std::function<Result<std::unique_ptr<ExchangeSource>>(std::size_t already_open)> open;
};

// The report is that of all parts together. An error of any part ends it all.
[[nodiscard]] std::unique_ptr<ExchangeSource> merge_sources(std::vector<MergePart> parts);

}  // namespace understudy
