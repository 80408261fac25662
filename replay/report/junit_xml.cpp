// The dialect that CI servers agree on: <testsuites>, <testsuite>, <testcase> with <failure> or <error>.
#include <fmt/format.h>

#include <algorithm>

#include "replay/report/reports.hpp"
#include "replay/report/xml_text.hpp"
#include "traffic/base/time_text.hpp"

namespace understudy {
namespace {

std::string test_case(const ObjectiveResult& objective, double seconds) {
  const std::string head =
      fmt::format("    <testcase classname=\"understudy-replay.objectives\" name=\"{}\" time=\"{:.3f}\"",
                  xml_text(objective.text), seconds);
  switch (objective.state) {
    case ObjectiveState::passed:
      return fmt::format("{}>\n      <system-out>{}</system-out>\n    </testcase>\n", head,
                         xml_text(objective.measured));
    case ObjectiveState::failed:
      return fmt::format("{}>\n      <failure message=\"{}\" type=\"objective\"/>\n    </testcase>\n", head,
                         xml_text(objective.measured));
    case ObjectiveState::not_decidable:
      return fmt::format("{}>\n      <error message=\"{}\" type=\"not decidable\"/>\n    </testcase>\n", head,
                         xml_text(objective.reason));
  }
  return {};
}

// What makes the whole run worthless, as a test case of its own.
std::string run_case(const RunResult& result, double seconds) {
  const std::string head =
      fmt::format("    <testcase classname=\"understudy-replay\" name=\"verdict\" time=\"{:.3f}\"", seconds);
  const std::string reasons = xml_text(fmt::format("{}", fmt::join(result.verdict.reasons, "; ")));
  switch (result.verdict.kind) {
    case VerdictKind::aborted:
      return fmt::format("{}>\n      <failure message=\"{}\" type=\"aborted\"/>\n    </testcase>\n", head, reasons);
    case VerdictKind::inconclusive:
      return fmt::format("{}>\n      <error message=\"{}\" type=\"inconclusive\"/>\n    </testcase>\n", head, reasons);
    default: return head + "/>\n";
  }
}

}  // namespace

std::string junit_xml(const RunResult& result) {
  const auto of_state = [&](ObjectiveState state) {
    return std::count_if(result.objectives.begin(), result.objectives.end(),
                         [&](const ObjectiveResult& objective) { return objective.state == state; });
  };
  const auto failures = of_state(ObjectiveState::failed) + (result.verdict.kind == VerdictKind::aborted ? 1 : 0);
  const auto errors =
      of_state(ObjectiveState::not_decidable) + (result.verdict.kind == VerdictKind::inconclusive ? 1 : 0);
  const double seconds = std::chrono::duration<double>(result.duration).count();
  std::string timestamp;
  append_rfc3339(timestamp, result.identity.start);

  const std::string counts = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.3f}\"",
                                         result.objectives.size() + 1, failures, errors, seconds);
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {0}>\n"
      "  <testsuite name=\"understudy-replay\" {0} skipped=\"0\" timestamp=\"{1}\">\n",
      counts, timestamp.substr(0, std::string_view("2026-01-02T03:04:05").size()));
  out += run_case(result, seconds);
  for (const ObjectiveResult& objective : result.objectives) out += test_case(objective, seconds);
  return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace understudy
