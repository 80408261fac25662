// Where the documents of clones lie: a folder, or a bucket ("the command bucket"). Whoever sees the same place shares
// its clones.
//
// Keys are relative, with '/' between their parts, and hold letters, digits, '.', '_' and '-' otherwise. A document is
// 16 MiB at most and is seen whole or not at all. Thread safety: any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/base/error.hpp"

namespace understudy {

class DocumentStore {
 public:
  static constexpr std::size_t document_size_max = std::size_t{16} << 20U;

  virtual ~DocumentStore() = default;
  // Replaces what was there. ExitCode::output_failed.
  [[nodiscard]] virtual Result<void> write(std::string_view key, std::string_view text) = 0;
  // Nothing: there is no such document.
  [[nodiscard]] virtual Result<std::optional<std::string>> read(std::string_view key) = 0;
  // Only where there is none. False: there was one already, which stays. Of two callers at once both may be told true
  // where the store knows no conditional write; each sees a whole document.
  [[nodiscard]] virtual Result<bool> create(std::string_view key, std::string_view text) = 0;
  // The keys that begin with `prefix` and come after `after`, in byte order; not more than 100,000 at a time, and none
  // only when there are no more.
  [[nodiscard]] virtual Result<std::vector<std::string>> list(std::string_view prefix, std::string_view after) = 0;
  // No error where there is none.
  [[nodiscard]] virtual Result<void> erase(std::string_view key) = 0;
  // "folder /var/lib/clones", "s3://commands/clones": for messages.
  [[nodiscard]] virtual std::string display() const = 0;
};

}  // namespace understudy
