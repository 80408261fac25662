#include "replay/report/file_set.hpp"
#include "replay/report/reports.hpp"

namespace understudy {

Result<void> write_results(const std::string& folder, const RunResult& result) {
  return replace_files(folder, {{"summary.txt", summary_text(result)},
                                {"result.json", result_json(result) + "\n"},
                                {"seconds.csv", seconds_csv(result)},
                                {"routes.csv", routes_csv(result)},
                                {"junit.xml", junit_xml(result)},
                                {"latency.hgrm", latency_hgrm(result.load.outcomes.latency)},
                                {"latency.hlog", latency_hlog(result)}});
}

}  // namespace understudy
