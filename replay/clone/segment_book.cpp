#include "replay/clone/segment_book.hpp"

#include <fmt/format.h>

#include "replay/clone/segment_documents.hpp"
#include "traffic/base/check.hpp"

namespace understudy {

Result<void> SegmentBook::scan(DocumentStore& documents, const std::string& id) {
  const std::string prefix = segments_prefix(id);
  std::string after;
  while (true) {
    const auto keys = documents.list(prefix, after);
    if (!keys) return tl::unexpected(keys.error());
    if (keys->empty()) return {};
    for (const std::string& key : *keys) {
      const SegmentKey parsed = parse_segment_key(key);
      if (parsed.number > segments_max) {
        return fail(ExitCode::clone_failed,
                    fmt::format("{} has a segment that no clone has: {}", documents.display(), key));
      }
      if (parsed.document == SegmentDocument::claim) set(parsed.number, claimed);
      if (parsed.document == SegmentDocument::request) set(parsed.number, requested);
      if (parsed.document == SegmentDocument::response) set(parsed.number, responded);
    }
    after = keys->back();
  }
}

void SegmentBook::set(std::uint64_t number, Mark mark) {
  CHECK(number > 0 && number <= segments_max);
  const std::lock_guard lock(mutex_);
  if (marks_.size() < number) marks_.resize(number, 0);
  marks_[number - 1] = static_cast<std::uint8_t>(marks_[number - 1] | mark);
}

void SegmentBook::clear(std::uint64_t number, Mark mark) {
  const std::lock_guard lock(mutex_);
  if (number == 0 || number > marks_.size()) return;
  marks_[number - 1] = static_cast<std::uint8_t>(marks_[number - 1] & ~static_cast<unsigned>(mark));
}

bool SegmentBook::has(std::uint64_t number, Mark mark) const {
  const std::lock_guard lock(mutex_);
  return number > 0 && number <= marks_.size() && (marks_[number - 1] & mark) != 0;
}

std::vector<std::uint64_t> SegmentBook::find(unsigned with, unsigned without) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint64_t> found;
  for (std::size_t i = 0; i < marks_.size(); ++i) {
    if ((marks_[i] & with) == with && (marks_[i] & without) == 0) found.push_back(i + 1);
  }
  return found;
}

std::uint64_t SegmentBook::count(unsigned with, unsigned without) const { return find(with, without).size(); }

std::uint64_t SegmentBook::highest() const {
  const std::lock_guard lock(mutex_);
  return marks_.size();
}

}  // namespace understudy
