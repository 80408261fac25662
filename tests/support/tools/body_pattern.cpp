#include "tests/support/tools/body_pattern.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

namespace understudy::tools {
namespace {

constexpr std::size_t pattern_size = 65536;

// The pattern twice, so that any run of up to pattern_size bytes is contiguous.
const char* pattern() {
  static const auto bytes = [] {
    auto made = std::make_unique<std::array<char, 2 * pattern_size>>();
    std::uint64_t state = 0x9e3779b97f4a7c15U;
    for (std::size_t i = 0; i < pattern_size; ++i) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      (*made)[i] = (*made)[i + pattern_size] = static_cast<char>(state >> 56);
    }
    return made;
  }();
  return bytes->data();
}

std::size_t start_of(std::uint64_t id, std::uint64_t offset) {
  return static_cast<std::size_t>((id * 31 + offset) % pattern_size);
}

}  // namespace

void append_body(std::string& to, std::uint64_t id, std::uint64_t offset, std::size_t count) {
  while (count > 0) {
    const std::size_t run = std::min(count, pattern_size);
    to.append(pattern() + start_of(id, offset), run);
    offset += run;
    count -= run;
  }
}

bool body_matches(std::string_view bytes, std::uint64_t id, std::uint64_t offset) {
  while (!bytes.empty()) {
    const std::size_t run = std::min(bytes.size(), pattern_size);
    if (std::memcmp(bytes.data(), pattern() + start_of(id, offset), run) != 0) {
      return false;
    }
    offset += run;
    bytes.remove_prefix(run);
  }
  return true;
}

}  // namespace understudy::tools
