// Parses JSON bodies into memory that is used again, within a limit.
//
// Thread safety: one thread.
#pragma once

#include <boost/json/memory_resource.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <memory>
#include <string_view>

namespace understudy {

// Nesting beyond this is not JSON to us.
inline constexpr std::size_t json_nesting_max = 128;
// Of all values of one arena, and as much again while parsing.
inline constexpr std::size_t json_memory_max = std::size_t{64} << 20U;

// The heap, up to a limit; std::bad_alloc beyond it.
class LimitedHeap final : public boost::json::memory_resource {
 public:
  explicit LimitedHeap(std::size_t limit) : limit_(limit) {}

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override;
  void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override;
  [[nodiscard]] bool do_is_equal(const boost::json::memory_resource& other) const noexcept override {
    return this == &other;
  }

  const std::size_t limit_;
  std::size_t used_ = 0;
};

class JsonArena {
 public:
  JsonArena();

  // The value, or null when the text is not one JSON value (RFC 8259), nested deeper than json_nesting_max, or larger
  // than json_memory_max. Valid until the next clear().
  [[nodiscard]] const boost::json::value* parse(std::string_view text);
  // Forgets the values. Their memory is used again, and beyond the first 256 KiB freed.
  void clear();

 private:
  static constexpr std::size_t kept = std::size_t{256} << 10U;

  LimitedHeap heap_{json_memory_max};
  std::unique_ptr<unsigned char[]> buffer_;
  boost::json::monotonic_resource resource_;
};

}  // namespace understudy
