#include <fmt/format.h>

#include "replay/html_report/report_document.hpp"
#include "replay/rehearsal_report/document_view.hpp"
#include "replay/rehearsal_report/rehearsal_report.hpp"
#include "replay/report/xml_text.hpp"

namespace understudy {
namespace {

enum class CaseState { passed, failed, error, skipped };

class Suite {
 public:
  explicit Suite(std::string_view name) : name_(name) {}

  void add(std::string_view name, CaseState state, std::string_view type, std::string_view message) {
    const std::string head = fmt::format("    <testcase classname=\"{}\" name=\"{}\"", name_, xml_text(name));
    const std::string text = xml_text(message);
    ++cases_;
    switch (state) {
      case CaseState::passed:
        body_ += fmt::format("{}>\n      <system-out>{}</system-out>\n    </testcase>\n", head, text);
        return;
      case CaseState::failed: ++failures_; return add_element(head, "failure", text, type);
      case CaseState::error: ++errors_; return add_element(head, "error", text, type);
      case CaseState::skipped:
        ++skipped_;
        body_ += fmt::format("{}>\n      <skipped message=\"{}\"/>\n    </testcase>\n", head, text);
    }
  }

  [[nodiscard]] std::string xml(std::string_view timestamp) const {
    if (cases_ == 0) return {};
    return fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" timestamp=\"{}\">\n{}"
        "  </testsuite>\n",
        name_, cases_, failures_, errors_, skipped_, xml_text(timestamp), body_);
  }

 private:
  void add_element(std::string_view head, std::string_view element, std::string_view text, std::string_view type) {
    body_ += fmt::format("{}>\n      <{} message=\"{}\" type=\"{}\"/>\n    </testcase>\n", head, element, text, type);
  }

  std::string name_;
  std::string body_;
  unsigned cases_ = 0;
  unsigned failures_ = 0;
  unsigned errors_ = 0;
  unsigned skipped_ = 0;
};

CaseState state_of(const std::string& verdict) {
  if (verdict == "improved" || verdict == "equivalent") return CaseState::passed;
  return verdict == "regressed" ? CaseState::failed : CaseState::error;
}

void add_verdict(Suite& suite, const DocumentView& document) {
  const DocumentView verdict = document["verdict"];
  const std::string kind = verdict["kind"].text();
  suite.add("verdict", state_of(kind), kind == "regressed" ? "regressed" : "inconclusive", verdict["headline"].text());
  for (const DocumentView& objective : document["objectives"].items()) {
    const std::string state = objective["state"].text();
    const CaseState outcome = state == "passed"   ? CaseState::passed
                              : state == "failed" ? CaseState::failed
                                                  : CaseState::error;
    suite.add(objective["text"].text(), outcome, state == "failed" ? "objective" : "not decidable",
              outcome == CaseState::error ? objective["reason"].text() : objective["measured"].text());
  }
}

// A part that got worse for certain fails; one that could not be judged says so and counts for nothing, since the
// verdict of the whole is a case of its own.
void add_parts(Suite& suite, const std::vector<DocumentView>& parts, std::string_view name_member) {
  for (const DocumentView& part : parts) {
    const std::string verdict = part["verdict"].text();
    const CaseState state = state_of(verdict);
    suite.add(part[name_member].text(), state == CaseState::error ? CaseState::skipped : state, "regressed",
              part["reason"].text());
  }
}

void add_tests(Suite& suite, const DocumentView& document) {
  for (const DocumentView& test : document["environment"]["tests"]["tests"].items()) {
    const std::string change = test["change"].text();
    const bool worse = change == "broken" || change == "missing" || change == "new_failing";
    const CaseState state = worse                       ? CaseState::failed
                            : change == "still_failing" ? CaseState::skipped
                                                        : CaseState::passed;
    suite.add(test["name"].text(), state, "smoke test", fmt::format("{} {}", change, test["error"].text()));
  }
}

}  // namespace

Result<std::string> rehearsal_junit(std::string_view rehearsal_json) {
  const Result<boost::json::value> parsed = parse_report_document(rehearsal_json);
  if (!parsed) return tl::unexpected(parsed.error());
  const DocumentView document(&*parsed);
  Suite whole("rehearsal");
  Suite metrics("rehearsal.figures");
  Suite queries("rehearsal.queries");
  Suite routes("rehearsal.routes");
  Suite tests("rehearsal.tests");
  add_verdict(whole, document);
  add_parts(metrics, document["metrics"].items(), "name");
  add_parts(queries, document["query_classes"].items(), "query");
  add_parts(routes, document["routes"].items(), "name");
  add_tests(tests, document);
  // The dialect has no time zone: "2026-01-02T03:04:05".
  const std::string started = document["started_at"].text().substr(0, 19);
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"understudy-replay rehearse\">\n";
  for (const Suite* suite : {&whole, &metrics, &queries, &routes, &tests}) out += suite->xml(started);
  return out + "</testsuites>\n";
}

}  // namespace understudy
