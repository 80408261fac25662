#include "replay/html_report/html_report.hpp"
#include "replay/rehearsal_report/rehearsal_report.hpp"
#include "replay/report/file_set.hpp"

namespace understudy {

Result<void> write_rehearsal_reports(const std::string& folder, std::string_view rehearsal_json) {
  Result<std::string> page = html_report(HtmlReportKind::rehearsal, rehearsal_json);
  if (!page) return tl::unexpected(page.error());
  Result<std::string> markdown = rehearsal_markdown(rehearsal_json);
  if (!markdown) return tl::unexpected(markdown.error());
  Result<std::string> junit = rehearsal_junit(rehearsal_json);
  if (!junit) return tl::unexpected(junit.error());
  return replace_files(folder, {{"rehearsal.json", std::string(rehearsal_json) + "\n"},
                                {"rehearsal.html", std::move(*page)},
                                {"rehearsal.md", std::move(*markdown)},
                                {"junit.xml", std::move(*junit)}});
}

}  // namespace understudy
