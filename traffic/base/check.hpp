// CHECK holds the program's own invariants, in every build. Network input is never CHECKed: it is counted and refused.
#pragma once

namespace understudy {

// Prints the condition and its place to stderr, and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace understudy

// Aborts with the condition's text if it does not hold. The condition has no side effects.
#define CHECK(condition)                                          \
  do {                                                            \
    if (!(condition)) [[unlikely]] {                              \
      ::understudy::check_failed(#condition, __FILE__, __LINE__); \
    }                                                             \
  } while (false)
