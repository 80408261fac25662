// Cuts a fuzzer's input into directed pieces.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "traffic/http/framing_policy.hpp"

namespace understudy {

class FuzzInput {
 public:
  FuzzInput(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  // 0 at the end.
  [[nodiscard]] std::uint8_t byte() {
    const std::string_view taken = bytes(1);
    return taken.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(taken[0]);
  }
  [[nodiscard]] bool flag() { return byte() % 2 == 1; }
  // At most `count` bytes.
  [[nodiscard]] std::string_view bytes(std::size_t count) {
    const std::string_view taken = rest_.substr(0, std::min(count, rest_.size()));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  // The defaults, or any mixture of leniencies.
  [[nodiscard]] FramingPolicy policy() {
    FramingPolicy policy;
    if (!flag()) return policy;
    static_assert(alignof(FramingPolicy) == 1, "booleans only");
    auto* flags = reinterpret_cast<bool*>(&policy);
    for (std::size_t i = 0; i < sizeof policy; ++i) flags[i] = flag();
    return policy;
  }

 private:
  std::string_view rest_;
};

}  // namespace understudy
