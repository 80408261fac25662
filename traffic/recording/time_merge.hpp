// Merges many streams by time, and opens each only when its time has come.
//
// Streams whose time ranges do not overlap are open one after the other, so that ten thousand rotated files need no ten
// thousand descriptors. What a stream gives out of order stays out of order; merging adds no disorder of its own.
//
// A Stream has `WallTime time() const`, of its current item, and `Result<bool> advance()`, which moves to the next item
// (to the first one, when it is called first) and gives false at the end.
//
// Thread safety: one thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "traffic/base/clock.hpp"
#include "traffic/base/error.hpp"

namespace understudy {

template <typename Stream>
class TimeMerge {
 public:
  struct Candidate {
    WallTime not_before;  // no item of the stream is earlier
    std::function<Result<std::unique_ptr<Stream>>()> open;
  };

  explicit TimeMerge(std::vector<Candidate> candidates) : waiting_(std::move(candidates)) {
    std::stable_sort(waiting_.begin(), waiting_.end(),
                     [](const Candidate& a, const Candidate& b) { return a.not_before < b.not_before; });
    std::reverse(waiting_.begin(), waiting_.end());  // the next one to open is at the back
  }

  // The stream whose current item is the earliest; null when all have ended. It is moved on by the next call, and stays
  // valid until then. An error of a stream, or of opening one, ends it all.
  [[nodiscard]] Result<Stream*> next() {
    if (current_.stream != nullptr) {
      auto kept = push(std::move(current_));
      if (!kept) return tl::unexpected(kept.error());
    }
    while (!waiting_.empty() && (open_.empty() || waiting_.back().not_before <= open_.front().stream->time())) {
      Candidate candidate = std::move(waiting_.back());
      waiting_.pop_back();
      auto stream = candidate.open();
      if (!stream) return tl::unexpected(stream.error());
      auto kept = push({std::move(*stream), opened_++});
      if (!kept) return tl::unexpected(kept.error());
    }
    if (open_.empty()) return nullptr;
    std::pop_heap(open_.begin(), open_.end(), is_later);
    current_ = std::move(open_.back());
    open_.pop_back();
    return current_.stream.get();
  }

  [[nodiscard]] std::size_t open_streams() const { return open_.size() + (current_.stream != nullptr ? 1 : 0); }

 private:
  struct Open {
    std::unique_ptr<Stream> stream;
    std::size_t order = 0;  // of being opened; decides between equal times
  };

  [[nodiscard]] static bool is_later(const Open& a, const Open& b) {
    return a.stream->time() != b.stream->time() ? a.stream->time() > b.stream->time() : a.order > b.order;
  }
  // Keeps a stream if it has a further item.
  [[nodiscard]] Result<void> push(Open open) {
    auto more = open.stream->advance();
    if (!more) return tl::unexpected(more.error());
    if (!*more) return {};
    open_.push_back(std::move(open));
    std::push_heap(open_.begin(), open_.end(), is_later);
    return {};
  }

  std::vector<Candidate> waiting_;
  std::vector<Open> open_;  // a heap; none is at its end
  Open current_;
  std::size_t opened_ = 0;
};

}  // namespace understudy
