// Two answers of /test, before and after a migration, compared by the tests' names.
//
// Values; pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "replay/environment/payloads.hpp"

namespace understudy {

enum class TestChange : std::uint8_t {
  passes,         // as before
  broken,         // passed before
  repaired,       // failed before
  still_failing,  // fails as before
  missing,        // was there before, and is not any more
  new_passing,    // was not there before
  new_failing,
};
[[nodiscard]] std::string_view to_string(TestChange change);

struct TestDifference {
  std::string name;
  TestChange change = TestChange::passes;
  std::string error;  // of the later answer
};

struct TestComparison {
  std::vector<TestDifference> tests;  // in the order of the later answer, then the missing ones

  [[nodiscard]] std::size_t count(TestChange change) const;
  // Nothing that passed fails or is missing, and nothing new fails. A test that failed before does not count against
  // the candidate.
  [[nodiscard]] bool is_no_worse() const;
};

[[nodiscard]] TestComparison compare_tests(const TestPayload& before, const TestPayload& after);

// A line for each test that is not `passes`, and a last line with the counts.
[[nodiscard]] std::string to_text(const TestComparison& comparison);
// {"no_worse": ..., "tests": [{"name", "change", "error"}]}
[[nodiscard]] std::string to_json(const TestComparison& comparison);

}  // namespace understudy
