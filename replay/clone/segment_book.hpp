// Which documents of a clone's segments are there, and what this run does about each.
//
// Memory: one byte a segment, of which a clone has segments_max at most. Thread safety: any thread; scan() one at a
// time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "replay/clone/document_store.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

class SegmentBook {
 public:
  // The clone-response that names them all must stay a document.
  static constexpr std::uint64_t segments_max = 250'000;

  enum Mark : std::uint8_t {
    requested = 1,
    claimed = 2,    // somebody works on it, or did
    responded = 4,  // it is done
    ours = 8,       // in this run's queue, or with its workers
    counted = 16,   // its objects are in this run's totals
    failed = 32,    // this run could not copy it
    listed = 64,    // by this run, which has counted its objects as listed
  };

  // Looks at all documents of the clone. Errors of the store.
  [[nodiscard]] Result<void> scan(DocumentStore& documents, const std::string& id);

  void set(std::uint64_t number, Mark mark);
  void clear(std::uint64_t number, Mark mark);
  [[nodiscard]] bool has(std::uint64_t number, Mark mark) const;
  // The numbers that have all marks of `with` and none of `without`, ascending.
  [[nodiscard]] std::vector<std::uint64_t> find(unsigned with, unsigned without) const;
  [[nodiscard]] std::uint64_t count(unsigned with, unsigned without) const;
  // The highest number so far; 0: none.
  [[nodiscard]] std::uint64_t highest() const;

 private:
  mutable std::mutex mutex_;  // guards marks_
  std::vector<std::uint8_t> marks_;
};

}  // namespace understudy
