#include "replay/html_report/html_report.hpp"
#include "replay/report/file_set.hpp"
#include "replay/report/reports.hpp"

namespace understudy {

Result<void> write_results(const std::string& folder, const RunResult& result) {
  const std::string json = result_json(result);
  Result<std::string> page = html_report(HtmlReportKind::replay, json);
  if (!page) return tl::unexpected(page.error());
  return replace_files(folder, {{"summary.txt", summary_text(result)},
                                {"result.json", json + "\n"},
                                {"result.html", std::move(*page)},
                                {"seconds.csv", seconds_csv(result)},
                                {"routes.csv", routes_csv(result)},
                                {"junit.xml", junit_xml(result)},
                                {"latency.hgrm", latency_hgrm(result.load.outcomes.latency)},
                                {"latency.hlog", latency_hlog(result)}});
}

}  // namespace understudy
